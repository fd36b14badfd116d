package org.iommu4j.swiotlb;

import com.google.errorprone.annotations.Immutable;
import java.util.function.Consumer;

/**
 * How large a pool is to be and into how many areas it is parted, before anybody looks for memory.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_adjust_nareas}, {@code round_up_default_nslabs}.
 *
 * @param slots how many slots it has, unsigned
 * @param areas how many areas it is parted into
 */
@Immutable
public record PoolShape(long slots, int areas) {
  /** Of pools with fewer slots the kernel does not try a smaller one: {@code IO_TLB_MIN_SLABS}. */
  private static final long LEAST_SLOTS = (1L << 20) >>> SlotTable.SLOT_SHIFT;

  /** What stands for a number of areas that the command line does not say. */
  public static final int AREAS_NOT_ASKED = -1;

  /** What stands for a number of slots that the command line does not say. */
  public static final long SLOTS_NOT_ASKED = -1;

  /**
   * Decides for a system, and tells of it as the kernel does.
   *
   * @param askedSlots how many slots the command line asks for, unsigned, in whole segments; or
   *     {@link #SLOTS_NOT_ASKED}
   * @param askedAreas how many areas it asks for, or {@link #AREAS_NOT_ASKED}
   * @param cpus how many CPUs there may be
   * @param log takes the kernel's lines
   */
  public static PoolShape of(
      SwiotlbRules rules, long askedSlots, int askedAreas, int cpus, Consumer<String> log) {
    long slots = askedSlots == SLOTS_NOT_ASKED ? rules.defaultSlots() : askedSlots;
    if (rules.areas() == SwiotlbRules.Areas.ONE) {
      return new PoolShape(slots == 0 ? rules.defaultSlots() : slots, 1);
    }
    int areas = roundedAreas(askedAreas == AREAS_NOT_ASKED ? cpus : askedAreas);
    log.accept("software IO TLB: area num " + areas + ".");
    long rounded = roundedSlots(slots, (long) areas * rules.segmentSlots());
    if (rounded != slots) {
      long mebibytes = rounded << SlotTable.SLOT_SHIFT >>> 20;
      log.accept("software IO TLB: SWIOTLB bounce buffer size roundup to " + mebibytes + "MB");
    }
    return new PoolShape(rounded, areas);
  }

  private static int roundedAreas(int areas) {
    return areas <= 1 ? 1 : Integer.highestOneBit(areas - 1) << 1;
  }

  private static long roundedSlots(long slots, long leastSlots) {
    if (Long.compareUnsigned(slots, leastSlots) < 0) {
      return leastSlots;
    }
    return Long.bitCount(slots) == 1 ? slots : Long.highestOneBit(slots) << 1;
  }

  /**
   * Returns this pool with no more areas than have a segment each.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:limit_nareas}.
   */
  public PoolShape limited(SwiotlbRules rules) {
    long most = Math.max(1, Long.divideUnsigned(slots, rules.segmentSlots()));
    return Long.compareUnsigned(areas, most) <= 0 ? this : new PoolShape(slots, (int) most);
  }

  /**
   * Returns the next smaller pool to look for memory for, or this one if there is none: half the
   * slots, in as many areas as have a segment each.
   *
   * <p>Source: {@code kernel/dma/swiotlb.c:swiotlb_init_remap}.
   */
  public PoolShape smaller(SwiotlbRules rules) {
    if (Long.compareUnsigned(slots, LEAST_SLOTS) <= 0) {
      return this;
    }
    long segment = rules.segmentSlots();
    long half = ((slots >>> 1) + segment - 1) & -segment;
    return new PoolShape(half, areas).limited(rules);
  }
}
