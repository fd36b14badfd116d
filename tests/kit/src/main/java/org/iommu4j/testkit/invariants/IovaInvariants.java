package org.iommu4j.testkit.invariants;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;
import org.iommu4j.testkit.IovaAllocator;

/**
 * What holds of an allocator of I/O page frames after any calls on two CPUs, in any order: inherit
 * and name the allocator. A failure is shrunk to few calls and printed with its seed.
 */
public abstract class IovaInvariants {
  static final int CPUS = 2;

  /** Makes the properties of an allocator. */
  protected IovaInvariants() {}

  /** Returns an allocator that has handed nothing out. */
  protected abstract IovaAllocator create(int cpus);

  /**
   * Ranges stay disjoint, aligned, within their limits and clear of reservations; all comes back.
   */
  @Property(tries = 300)
  public void anyCallsKeepThePromises(@ForAll("chains") ActionChain<IovaModel> chain) {
    chain.run().freeAllAndAllocateAgain();
  }

  /** Generates calls. */
  @Provide
  public Arbitrary<ActionChain<IovaModel>> chains() {
    return ActionChain.startWith(() -> new IovaModel(create(CPUS)))
        .withAction(5, (Action.Independent<IovaModel>) IovaInvariants::allocations)
        .withAction(3, (Action.Independent<IovaModel>) IovaInvariants::frees)
        .withMaxTransformations(80);
  }

  private static Arbitrary<Transformer<IovaModel>> allocations() {
    return Combinators.combine(cpus(), orders(), Arbitraries.of(IovaModel.LAST_PFN, 1023L, 200L))
        .as(
            (cpu, order, limit) ->
                Transformer.mutate(
                    String.format("cpu %d allocates 2^%d pages up to 0x%x", cpu, order, limit),
                    model -> model.alloc(cpu, 1L << order, limit)));
  }

  private static Arbitrary<Transformer<IovaModel>> frees() {
    return Combinators.combine(cpus(), Arbitraries.integers().between(0, 30))
        .as(
            (cpu, index) ->
                Transformer.mutate(
                    "cpu " + cpu + " frees its choice " + index, model -> model.free(cpu, index)));
  }

  private static Arbitrary<Integer> cpus() {
    return Arbitraries.integers().between(0, CPUS - 1);
  }

  private static Arbitrary<Integer> orders() {
    return Arbitraries.integers().between(0, 9);
  }
}
