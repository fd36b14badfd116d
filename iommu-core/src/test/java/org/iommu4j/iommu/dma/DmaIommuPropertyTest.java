package org.iommu4j.iommu.dma;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.iommu4j.dma.DmaDirection;

/** What holds after any calls, of every release, strict or not. */
class DmaIommuPropertyTest {
  private enum Kind {
    MAP,
    MAP_AGAIN,
    LIST,
    COHERENT,
    UNMAP,
    UNMAP_AGAIN,
    FLUSH
  }

  private record Call(
      Kind kind, int cpu, int maskBits, int place, int size, DmaDirection direction) {
    void run(LiveMappings mappings) {
      switch (kind) {
        case MAP, MAP_AGAIN -> mappings.map(cpu, maskBits, place, size, direction);
        case LIST ->
            mappings.mapSg(
                cpu, maskBits, List.of(place % 97, place % 89, size % 83, size % 7), direction);
        case COHERENT -> mappings.allocCoherent(cpu, maskBits, size);
        case UNMAP, UNMAP_AGAIN -> mappings.unmap(cpu, place);
        case FLUSH -> mappings.letTimersFlush();
      }
    }
  }

  @Property(tries = 400)
  void anyCallsKeepTheInvariants(
      @ForAll Releases release,
      @ForAll boolean lazy,
      @ForAll @Size(max = 40) List<@From("calls") Call> calls) {
    LiveMappings mappings = new LiveMappings(release, lazy);
    calls.forEach(call -> call.run(mappings));
    mappings.unmapAll();
  }

  @Provide
  Arbitrary<Call> calls() {
    Arbitrary<Integer> sizes =
        Arbitraries.oneOf(
            Arbitraries.integers().between(1, 20_000),
            Arbitraries.integers().between(1, 600_000),
            Arbitraries.of(4096, 2 << 20, (2 << 20) + 4096));
    Arbitrary<Integer> places =
        Arbitraries.oneOf(Arbitraries.integers().between(0, 4 << 20), Arbitraries.of(0, 2 << 20));
    return Combinators.combine(
            Arbitraries.of(Kind.values()),
            Arbitraries.of(0, 1),
            Arbitraries.of(64, 39, 32, 28, 24),
            places,
            sizes,
            Arbitraries.of(
                DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE))
        .as(Call::new);
  }
}
