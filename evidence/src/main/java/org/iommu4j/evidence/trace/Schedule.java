package org.iommu4j.evidence.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;

/**
 * What a trace does not tell and a replay has to choose: before which calls timers expire, and
 * which calls happened in another order than their events were written in. Immutable.
 *
 * @param moments when timers fire, by timer and by the call that armed it
 * @param moves calls that come before where they stand, in the order of the moves
 */
@Immutable
record Schedule(ImmutableMap<Arming, Moment> moments, ImmutableList<Move> moves) {
  static final Schedule NOTHING = new Schedule(ImmutableMap.of(), ImmutableList.of());

  /** A timer and the position of the call that armed it. */
  @Immutable
  record Arming(int timer, int armedAt) {}

  /**
   * When a timer fires.
   *
   * @param before the position of the call that it fires before
   * @param cpu where it fires
   */
  @Immutable
  record Moment(int before, int cpu) {}

  /** A call that is moved forward, from one position to an earlier one. */
  @Immutable
  record Move(int from, int to) {}

  /** Returns the moment that was chosen; nothing if the usual one holds. */
  Optional<Moment> moment(int timer, int armedAt) {
    return Optional.ofNullable(moments.get(new Arming(timer, armedAt)));
  }

  Schedule withMoment(int timer, int armedAt, Moment moment) {
    ImmutableMap.Builder<Arming, Moment> changed = ImmutableMap.builder();
    return new Schedule(
        changed.putAll(moments).put(new Arming(timer, armedAt), moment).buildKeepingLast(), moves);
  }

  Schedule withMove(int from, int to) {
    return new Schedule(
        moments, ImmutableList.<Move>builder().addAll(moves).add(new Move(from, to)).build());
  }

  /** Returns the positions of the calls in the order in which they happen. */
  int[] order(int calls) {
    int[] order = new int[calls];
    for (int i = 0; i < calls; i++) {
      order[i] = i;
    }
    for (Move move : moves) {
      int moved = order[move.from()];
      System.arraycopy(order, move.to(), order, move.to() + 1, move.from() - move.to());
      order[move.to()] = moved;
    }
    return order;
  }
}
