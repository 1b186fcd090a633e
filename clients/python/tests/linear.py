"""How the work grows with what there is to do."""
import time


def assert_linear(work, make):
    """Four times the text takes four times the work, not sixteen times."""
    def cost(size):
        text, costs = make(size), []
        for _ in range(3):
            begin = time.thread_time()
            work(text)
            costs.append(time.thread_time() - begin)
        return min(costs)
    assert cost(80_000) < 9 * cost(20_000) + 0.01
