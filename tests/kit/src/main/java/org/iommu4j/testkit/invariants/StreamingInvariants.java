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
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.testkit.Rig;

/**
 * What holds of the bytes of streaming mappings after any turns of CPU and device, in any order and
 * with syncs of any parts: inherit and name the system. After every call
 *
 * <ul>
 *   <li>the CPU finds what it wrote, or what the device wrote before a sync or the unmapping;
 *   <li>the device finds what the CPU wrote before the mapping or a sync;
 *   <li>no byte outside of the buffers has changed;
 *   <li>beside a buffer, in its pages, the device finds what {@link Isolation} says;
 *   <li>no two buffers share a byte of memory, as the device sees it, and the pool of bounce slots
 *       agrees with itself.
 * </ul>
 *
 * A buffer that does not bounce is seen by the device where it is, and then nothing is written to
 * the pool. When all is unmapped, all slots are free. A failure is shrunk to few calls and printed
 * with its seed.
 */
public abstract class StreamingInvariants {
  /** Makes the properties of a system. */
  protected StreamingInvariants() {}

  /** Boots the system, with the device in hand that is to map. */
  protected abstract Rig boot();

  /** Returns how far the device reaches that is in hand. */
  protected abstract Isolation isolation();

  /** All of the above. */
  @Property(tries = 60)
  public void anyTurnsKeepThePromise(@ForAll("chains") ActionChain<StreamingModel> chain) {
    chain.run().unmapAll();
  }

  /** Generates calls. */
  @Provide
  public Arbitrary<ActionChain<StreamingModel>> chains() {
    return ActionChain.startWith(() -> new StreamingModel(boot(), isolation()))
        .withAction(3, (Action.Independent<StreamingModel>) StreamingInvariants::maps)
        .withAction(3, (Action.Independent<StreamingModel>) StreamingInvariants::deviceTurns)
        .withAction(3, (Action.Independent<StreamingModel>) StreamingInvariants::cpuTurns)
        .withAction(2, (Action.Independent<StreamingModel>) StreamingInvariants::unmaps)
        .withMaxTransformations(30);
  }

  private static Arbitrary<Transformer<StreamingModel>> maps() {
    Arbitrary<Integer> offsets =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, StreamingModel.AREA_BYTES - 1),
            Arbitraries.of(0, 64, 4096, 8192, 8192 + 2048));
    Arbitrary<Integer> sizes =
        Arbitraries.oneOf(
            Arbitraries.integers().between(1, 10_000),
            Arbitraries.of(1, 1500, 2048, 4096, 4097, 8192));
    return Combinators.combine(offsets, sizes, directions())
        .as(
            (offset, size, direction) ->
                Transformer.mutate(
                    String.format("map 0x%x bytes at 0x%x %s", size, offset, direction),
                    model -> model.map(offset, size, direction)));
  }

  private static Arbitrary<Transformer<StreamingModel>> deviceTurns() {
    return Combinators.combine(choices(), froms(), lengths())
        .as(
            (choice, from, length) ->
                Transformer.mutate(
                    "device turn in " + choice + ": " + length + " bytes from " + from,
                    model -> model.deviceTurn(choice, from, length)));
  }

  private static Arbitrary<Transformer<StreamingModel>> cpuTurns() {
    return Combinators.combine(choices(), froms(), lengths())
        .as(
            (choice, from, length) ->
                Transformer.mutate(
                    "CPU turn in " + choice + ": " + length + " bytes from " + from,
                    model -> model.cpuTurn(choice, from, length)));
  }

  private static Arbitrary<Transformer<StreamingModel>> unmaps() {
    return choices()
        .map(choice -> Transformer.mutate("unmap " + choice, model -> model.unmap(choice)));
  }

  private static Arbitrary<DmaDirection> directions() {
    return Arbitraries.of(
        DmaDirection.BIDIRECTIONAL, DmaDirection.TO_DEVICE, DmaDirection.FROM_DEVICE);
  }

  private static Arbitrary<Integer> choices() {
    return Arbitraries.integers().between(0, 9);
  }

  private static Arbitrary<Integer> froms() {
    return Arbitraries.integers().between(0, 10_000);
  }

  private static Arbitrary<Integer> lengths() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 5000), Arbitraries.of(1, 64, 2048, 10_000));
  }
}
