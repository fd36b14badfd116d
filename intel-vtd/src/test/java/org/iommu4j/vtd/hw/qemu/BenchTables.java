package org.iommu4j.vtd.hw.qemu;

import java.util.Random;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * The page tables of a {@link Scenario}: for each domain a topmost table, and for each region of
 * addresses one table of each lower level.
 *
 * <p>The addresses are chosen so that a leaf of any size leads into the pool: their low 30 bits are
 * those of a pool's frame, and a leaf's frame is aligned to its size.
 */
final class BenchTables {
  static final long POOL = 0x1000_0000L;
  static final int POOL_FRAMES = 112;
  static final int DOMAINS = 2;
  static final long NOWHERE = 0x3000_0000L;

  /** Where the addresses lie; the last three need more than 39 bits, the very last more than 48. */
  private static final long[] REGIONS = {0, 5L << 30, 1L << 38, 1L << 39, 1L << 47, 1L << 48};

  private static final int FRAMES_IN_REGION = 6;
  private static final long TABLES = 0x1810_0000L;

  private final Bench bench;
  private final Random random;
  private final int maxLevels;
  private final long[][][] tables = new long[DOMAINS][REGIONS.length][5];
  private long nextTable = TABLES;

  BenchTables(Bench bench, Random random, int maxLevels) {
    this.bench = bench;
    this.random = random;
    this.maxLevels = maxLevels;
  }

  void build() {
    for (int domain = 0; domain < DOMAINS; domain++) {
      long top = newTable();
      for (int region = 0; region < REGIONS.length; region++) {
        tables[domain][region][maxLevels] = top;
        for (int level = maxLevels - 1; level >= 1; level--) {
          tables[domain][region][level] = newTable();
          connect(domain, region, level + 1, 3);
        }
      }
    }
  }

  private long newTable() {
    nextTable += 0x1000;
    return nextTable;
  }

  /** Returns the table to put into a context entry of so many levels. */
  long top(int domain, int levels) {
    return tables[domain][0][Math.min(Math.max(levels, 3), maxLevels)];
  }

  /** A region; one whose addresses can be translated, most of the time. */
  int randomRegion() {
    return random.nextInt(random.nextInt(6) == 0 ? REGIONS.length : maxLevels == 4 ? 5 : 3);
  }

  /** An address: the frame's number is unlike in all regions, and is not zero. */
  long randomIova(int region) {
    int frame = 16 * (region + 1) + random.nextInt(FRAMES_IN_REGION);
    return (REGIONS[region] | POOL) + frame * 4096L;
  }

  int randomLevel() {
    return 1 + random.nextInt(maxLevels);
  }

  /** Makes an entry of a level lead to an address that can be translated. */
  void repair(int domain, int region, long iova, int leafLevel) {
    for (int level = maxLevels; level > leafLevel; level--) {
      connect(domain, region, level, 3);
    }
    long leaf = leafLevel == 1 ? 0 : SecondLevelEntry.PS.mask();
    write(domain, region, iova, leafLevel, poolFrame(leafLevel) | leaf | 3);
  }

  /** Changes one entry that an address is translated by. */
  void change(int domain, int region, long iova, int level) {
    if (level == 1) {
      write(domain, region, iova, 1, damaged(poolFrame(1) | rights()));
    } else if (random.nextInt(3) == 0) {
      connect(domain, region, level, rights());
    } else {
      write(domain, region, iova, level, upperEntry(level));
    }
  }

  /** Takes one entry away. */
  void remove(int domain, int region, long iova, int level) {
    write(domain, region, iova, level, 0);
  }

  private void connect(int domain, int region, int level, long rights) {
    long next = tables[domain][region][level - 1];
    write(domain, region, REGIONS[region] | POOL, level, next | rights);
  }

  private void write(int domain, int region, long iova, int level, long entry) {
    long table = tables[domain][region][level];
    bench.writeMemory64(SecondLevelEntry.entryPhys(table, iova, level), entry);
  }

  private long upperEntry(int level) {
    if (random.nextInt(8) == 0) {
      return NOWHERE | 3;
    }
    boolean leaf = level <= 3 || random.nextInt(3) == 0;
    long entry = poolFrame(level) | rights() | SecondLevelEntry.PS.mask();
    if (leaf && random.nextInt(6) == 0) {
      return entry | (random.nextBoolean() ? 1L << 12 : 1L << 20);
    }
    return leaf ? damaged(entry) : rights();
  }

  private long poolFrame(int level) {
    return switch (level) {
      case 1 -> POOL + random.nextInt(POOL_FRAMES) * 4096L;
      case 2 -> POOL + random.nextInt(2) * (2L << 20);
      default -> 0;
    };
  }

  private long rights() {
    return random.nextInt(3) == 0 ? random.nextInt(4) : 3;
  }

  /** Sets, now and then, a bit that is ignored, reserved, or reserved on some units only. */
  private long damaged(long entry) {
    int[] bits = {2, 5, 10, 11, 48, 50, 52, 60, 62, 63};
    return random.nextInt(6) == 0 ? entry | 1L << bits[random.nextInt(bits.length)] : entry;
  }
}
