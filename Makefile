.PHONY: demo test bench stop

demo test bench stop:
	./run $@
