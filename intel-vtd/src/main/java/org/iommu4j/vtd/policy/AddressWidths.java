package org.iommu4j.vtd.policy;

import org.iommu4j.vtd.hw.format.Capabilities;

/**
 * The arithmetic of adjusted guest address widths: how many page-table levels a unit can walk.
 *
 * <p>A width is a number of bits (39, 48, 57); an AGAW is its code in a context entry (1, 2, 3). A
 * set of AGAWs has bit N for AGAW N.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:__iommu_calculate_agaw}, {@code width_to_agaw},
 * {@code agaw_to_width}.
 */
public final class AddressWidths {
  /** The width that the driver asks for first. */
  public static final int DEFAULT_WIDTH = 57;

  /** The largest width that the driver looks for. */
  public static final int MAX_WIDTH = 64;

  /** What stands for an AGAW where no width is supported. */
  public static final int NONE = -1;

  private static final int BITS_OF_AGAW_0 = 30;
  private static final int LEVEL_BITS = 9;
  private static final int AGAW_4_LEVEL = 2;
  private static final int AGAW_5_LEVEL = 3;

  private AddressWidths() {}

  /** Returns the AGAW for a width, rounded up. */
  public static int widthToAgaw(int width) {
    return (width - BITS_OF_AGAW_0 + LEVEL_BITS - 1) / LEVEL_BITS;
  }

  /** Returns the width of an AGAW. */
  public static int agawToWidth(int agaw) {
    return Math.min(BITS_OF_AGAW_0 + agaw * LEVEL_BITS, MAX_WIDTH);
  }

  /** Returns how many page-table levels an AGAW stands for. */
  public static int agawToLevels(int agaw) {
    return agaw + 2;
  }

  /**
   * Returns the set of AGAWs that a unit can walk: those of its second-level tables, or in scalable
   * mode those of its first level, or of both if it has both.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:__iommu_calculate_sagaw}.
   *
   * @param unit the unit's capabilities
   * @param scalableMode whether the command line asks for scalable mode
   */
  public static int supportedAgaws(Capabilities unit, boolean scalableMode) {
    int secondLevel = unit.sagaw();
    int firstLevel = 1 << AGAW_4_LEVEL | (unit.firstLevelFiveLevels() ? 1 << AGAW_5_LEVEL : 0);
    if (!scalableMode || !unit.scalableMode() || !unit.firstLevelTranslation()) {
      return secondLevel;
    }
    return unit.secondLevelTranslation() ? firstLevel & secondLevel : firstLevel;
  }

  /** Returns the largest AGAW of a set that is no wider than this, or {@link #NONE}. */
  public static int largestAgaw(int supported, int maxWidth) {
    for (int agaw = widthToAgaw(maxWidth); agaw >= 0; agaw--) {
      if ((supported >> agaw & 1) != 0) {
        return agaw;
      }
    }
    return NONE;
  }
}
