"""The formats of the result files. Pure: neither AWS nor the engine is known here."""
