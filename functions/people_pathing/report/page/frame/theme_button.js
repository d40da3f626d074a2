import { button } from "#page/display/elements.js";

/** Makes the button that changes between light and dark. Only this page remembers it, until it is closed. */
export function themeButton() {
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const name = () => (isDark() ? "Light" : "Dark");
  const theme = button(name(), () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    announce();
  });
  theme.title = "Change between light and dark";
  const announce = () => {
    theme.textContent = name();
    // Canvases read the colours when they draw.
    document.dispatchEvent(new Event("themechange"));
  };
  prefersDark.addEventListener("change", announce);
  return theme;
}
