"""The module graph is read correctly from source."""

from __future__ import annotations

from pathlib import Path

from tests.unit.architecture.module_graph import Import, read_graph

SOURCES = {
    "__init__.py": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from shop.till import open as open
def __getattr__(name):
    from shop import till
    return getattr(till, name)
""",
    "till.py": """
import os
def open():
    import av
    import_module("cv2")
    return os.environ
""",
    "price.py": """
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Price:
    cents: int
    @property
    def euros(self):
        return self.cents / 100
""",
    "cart/__init__.py": "",
    "cart/items.py": """
from shop import open, price
from shop.cart import total
import shop.cart.total
""",
    "cart/total.py": """
from dataclasses import dataclass
from shop.price import Price
@dataclass(frozen=True)
class Total:
    def pay(self):
        pass
""",
}


def test_a_graph_is_read_from_source(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shop" / name).write_text(text)

    graph = read_graph(tmp_path / "shop")

    assert set(graph.modules) == {"", "till", "price", "cart", "cart.items", "cart.total"}
    # `open` is offered lazily by the package, so it is followed to the module that defines it.
    assert graph.internal("cart.items") == {"", "till", "price", "cart.total"}
    assert graph.modules["till"].imports == {
        Import("os"),
        Import("av", is_deferred=True),
        Import("cv2", is_deferred=True),
    }
    assert graph.modules["cart.total"].imports == {
        Import("dataclasses", "dataclass"),
        Import("price", "Price"),
    }
    assert graph.modules[""].imports == {
        Import("typing", "TYPE_CHECKING"),
        Import("till", "open", is_type_only=True),
    }
    assert [name for name, module in graph.modules.items() if module.defines_values_only] == ["price"]
    assert [name for name, module in graph.modules.items() if module.reads_environment] == ["till"]
    assert graph.reachable("cart.items") == {"", "till", "price", "cart", "cart.items", "cart.total"}
