.PHONY: demo test
demo: ; tools/demo
test: ; tools/test
