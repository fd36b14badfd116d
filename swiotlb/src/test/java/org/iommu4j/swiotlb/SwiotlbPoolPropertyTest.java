package org.iommu4j.swiotlb;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;

final class SwiotlbPoolPropertyTest {
  /** Something that happens to a world, with numbers to choose by. */
  private interface Step {
    void run(PoolWorld world, int pick, long seed);
  }

  private static Action<PoolWorld> action(String name, Step step) {
    return new Action.Independent<>() {
      @Override
      public Arbitrary<Transformer<PoolWorld>> transformer() {
        return Arbitraries.longs()
            .map(
                seed ->
                    Transformer.mutate(
                        name + " " + seed, world -> step.run(world, (int) (seed & 0xffff), seed)));
      }
    };
  }

  @Provide
  ActionChainArbitrary<PoolWorld> lives() {
    return livesOf(Rules.USUAL, 1);
  }

  @Provide
  ActionChainArbitrary<PoolWorld> laterLives() {
    return livesOf(Rules.LATER, 2);
  }

  @Provide
  ActionChainArbitrary<PoolWorld> latestLives() {
    return livesOf(Rules.LATEST, 2);
  }

  private static ActionChainArbitrary<PoolWorld> livesOf(SwiotlbRules rules, int areas) {
    return ActionChain.startWith(() -> new PoolWorld(rules, areas))
        .withAction(4, action("map", (world, pick, seed) -> world.map(seed)))
        .withAction(4, action("write", PoolWorld::write))
        .withAction(4, action("sync", PoolWorld::sync))
        .withAction(2, action("unmap", (world, pick, seed) -> world.unmap(pick, seed < 0)))
        .withMaxTransformations(60);
  }

  @Property(tries = 150)
  void bothSidesEndWithTheBytesPromisedAndSlotsAreNeverShared(
      @ForAll("lives") ActionChain<PoolWorld> life) {
    PoolWorld world = life.peek(PoolWorld::check).run();
    world.finish();
  }

  @Property(tries = 150)
  void laterPoolsOfAreasKeepThemToo(@ForAll("laterLives") ActionChain<PoolWorld> life) {
    life.peek(PoolWorld::check).run().finish();
  }

  @Property(tries = 150)
  void theLatestPoolsOfAreasKeepThemToo(@ForAll("latestLives") ActionChain<PoolWorld> life) {
    life.peek(PoolWorld::check).run().finish();
  }
}
