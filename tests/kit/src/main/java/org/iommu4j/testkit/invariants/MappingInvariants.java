package org.iommu4j.testkit.invariants;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.VendorFixture;

/**
 * What holds of a vendor's mappings after any calls on two CPUs, in any order: inherit and name the
 * vendor. After every call
 *
 * <ul>
 *   <li>no two live mappings share an I/O page, nor one with what waits for a flush;
 *   <li>addresses are within the mask that the device had;
 *   <li>the device reaches what is mapped, where it is mapped, with the direction's rights, and
 *       neither the page before nor the one after;
 *   <li>it does not reach what was unmapped: at once if the vendor is strict, else after the flush;
 *   <li>nothing but the page tables that the kernel keeps takes page frames: a table stays until
 *       one unmapping covers all that it could translate, or until the domain goes.
 * </ul>
 *
 * When all is unmapped the page table is empty. A failure is shrunk to few calls and printed with
 * its seed.
 */
public abstract class MappingInvariants {
  private static final int LARGE_BYTES = 2 << 20;

  /** Makes the properties of a vendor. */
  protected MappingInvariants() {}

  /** Returns the vendor. */
  protected abstract VendorFixture fixture();

  /** All of the above. */
  @Property(tries = 60)
  public void anyCallsKeepTheInvariants(@ForAll("chains") ActionChain<MappingModel> chain) {
    chain.run().unmapAll();
  }

  /** Generates calls. */
  @Provide
  public Arbitrary<ActionChain<MappingModel>> chains() {
    return ActionChain.startWith(() -> new MappingModel(fixture()))
        .withAction(4, (Action.Independent<MappingModel>) MappingInvariants::maps)
        .withAction(1, (Action.Independent<MappingModel>) MappingInvariants::lists)
        .withAction(1, (Action.Independent<MappingModel>) MappingInvariants::coherent)
        .withAction(4, (Action.Independent<MappingModel>) MappingInvariants::unmaps)
        .withAction(1, (Action.Independent<MappingModel>) MappingInvariants::flushes)
        .withMaxTransformations(40);
  }

  private static Arbitrary<Transformer<MappingModel>> maps() {
    return Combinators.combine(cpus(), offsets(), sizes(), directions(), masks())
        .as(
            (cpu, offset, size, direction, mask) ->
                Transformer.mutate(
                    String.format(
                        "cpu %d maps 0x%x bytes at 0x%x %s below 2^%d",
                        cpu, size, offset, direction, mask),
                    model -> model.map(cpu, offset, size, direction, mask)));
  }

  private static Arbitrary<Transformer<MappingModel>> lists() {
    Arbitrary<List<Integer>> pages =
        Arbitraries.integers().between(0, 600).list().ofMinSize(1).ofMaxSize(5);
    return Combinators.combine(cpus(), pages, directions(), masks())
        .as(
            (cpu, places, direction, mask) ->
                Transformer.mutate(
                    "cpu " + cpu + " maps a list of pages " + places + " " + direction,
                    model -> model.mapSg(cpu, places, direction, mask)));
  }

  private static Arbitrary<Transformer<MappingModel>> coherent() {
    return Combinators.combine(cpus(), Arbitraries.integers().between(1, 9))
        .as(
            (cpu, pages) ->
                Transformer.mutate(
                    "cpu " + cpu + " allocates " + pages + " coherent pages",
                    model -> model.allocCoherent(cpu, pages)));
  }

  private static Arbitrary<Transformer<MappingModel>> unmaps() {
    return Combinators.combine(cpus(), Arbitraries.integers().between(0, 20))
        .as(
            (cpu, choice) ->
                Transformer.mutate(
                    "cpu " + cpu + " unmaps its choice " + choice,
                    model -> model.unmap(cpu, choice)));
  }

  private static Arbitrary<Transformer<MappingModel>> flushes() {
    return Arbitraries.just(Transformer.mutate("timers flush", MappingModel::letTimersFlush));
  }

  private static Arbitrary<Integer> cpus() {
    return Arbitraries.integers().between(0, 1);
  }

  private static Arbitrary<Integer> offsets() {
    return Arbitraries.oneOf(
        Arbitraries.of(0, LARGE_BYTES),
        Arbitraries.integers().between(0, MappingModel.POOL_BYTES - 1));
  }

  private static Arbitrary<Integer> sizes() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 20_000),
        Arbitraries.of(4096, LARGE_BYTES - 4096, LARGE_BYTES, LARGE_BYTES + 4096));
  }

  private static Arbitrary<DmaDirection> directions() {
    return Arbitraries.of(
        DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE);
  }

  private static Arbitrary<Integer> masks() {
    return Arbitraries.of(32, 64, 28, 24);
  }
}
