package org.iommu4j.iova;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.iommu4j.iova.IovaCall.Kind;

/** Generated sequences of calls in address spaces of several shapes. */
final class RandomCalls {
  static final int CPUS = 2;
  static final int SLOTS = 64;
  static final long LOW_LIMIT = (1L << 20) - 1;

  private RandomCalls() {}

  /** Sequences in a space small enough to be crowded all the time. */
  static Arbitrary<List<IovaCall>> crowded() {
    Arbitrary<Long> sizes = Arbitraries.longs().between(1, 40);
    Arbitrary<Long> limits = Arbitraries.of(100L, 255L, 256L, 600L);
    return sequences(sizes, limits, 100);
  }

  /** Sequences with the limits and sizes of real devices. */
  static Arbitrary<List<IovaCall>> usual() {
    Arbitrary<Long> sizes =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 10).map(order -> 1L << order),
            Arbitraries.longs().between(1, 3000));
    Arbitrary<Long> limits =
        Arbitraries.of(LOW_LIMIT, LOW_LIMIT, LOW_LIMIT + 1, LOW_LIMIT / 2, (1L << 36) - 1);
    return sequences(sizes, limits, 1 << 20);
  }

  /** Sequences with sizes around those that the search's summaries can tell apart. */
  static Arbitrary<List<IovaCall>> huge() {
    Arbitrary<Long> sizes =
        Combinators.combine(
                Arbitraries.integers().between(29, 37), Arbitraries.longs().between(-3, 3))
            .as((order, off) -> (1L << order) + off);
    Arbitrary<Long> limits = Arbitraries.of((1L << 36) - 1, (1L << 40) - 1, 1L << 35);
    return sequences(sizes, limits, 1L << 36);
  }

  private static Arbitrary<List<IovaCall>> sequences(
      Arbitrary<Long> sizes, Arbitrary<Long> limits, long reservableEnd) {
    Arbitrary<IovaCall> reservations =
        Combinators.combine(
                Arbitraries.longs().between(0, reservableEnd),
                Arbitraries.longs().between(1, Math.max(1, reservableEnd / 16)))
            .as((lo, pages) -> new IovaCall(Kind.RESERVE, 0, 0, pages, lo, false));
    return Arbitraries.frequencyOf(
            Tuple.of(9, calls(Arbitraries.of(Kind.ALLOC, Kind.ALLOC_FAST), sizes, limits)),
            Tuple.of(
                7,
                calls(Arbitraries.of(Kind.FREE, Kind.FREE_FAST, Kind.FREE_INSIDE), sizes, limits)),
            Tuple.of(1, calls(Arbitraries.of(Kind.DRAIN, Kind.AGE), sizes, limits)),
            Tuple.of(1, reservations))
        .list()
        .ofMaxSize(300);
  }

  private static Arbitrary<IovaCall> calls(
      Arbitrary<Kind> kinds, Arbitrary<Long> sizes, Arbitrary<Long> limits) {
    return Combinators.combine(
            kinds,
            Arbitraries.integers().between(0, CPUS - 1),
            Arbitraries.integers().between(0, SLOTS - 1),
            sizes,
            limits,
            Arbitraries.of(true, false))
        .as(IovaCall::new);
  }
}
