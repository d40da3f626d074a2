# Two commands do everything: `make demo` and `make test`.
.PHONY: help
help:
	@echo 'make demo          track the people of a sample video through the whole stack, results under out/'
	@echo 'make test          everything that CI runs'
