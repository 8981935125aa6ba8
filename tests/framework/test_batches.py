"""Old rows are deleted in batches whose size depends on the time they take."""

from time import sleep

from app.application import Application
from app.unit_of_work.batches import BATCH_LIMIT, FIRST_BATCH, in_batches


def test_batches_grow_while_they_are_fast_and_shrink_when_they_are_slow(app: Application) -> None:
    sizes = []

    def remove(most: int) -> int:
        sizes.append(most)
        if most > 2 * FIRST_BATCH:
            sleep(BATCH_LIMIT.total_seconds() + 0.05)
        return most if len(sizes) < 4 else 0

    with app.app_context():
        assert in_batches(remove) == sum(sizes[:3])
    assert sizes == [FIRST_BATCH, 2 * FIRST_BATCH, 4 * FIRST_BATCH, FIRST_BATCH]
