package org.iommu4j.vtd.hw.qemu;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;

/**
 * A seeded run of table writes, invalidations and accesses on one bench, and what was observed.
 *
 * <p>Two runs of one seed do the same things in the same order whatever they observe. The addresses
 * are chosen so that a leaf of any size leads into the pool: their low 30 bits are those of a
 * pool's frame, and a leaf's frame is aligned to its size.
 */
final class Scenario {
  private static final long ROOT = 0x1800_0000L;
  private static final long CONTEXTS = ROOT + 0x1000;
  private static final long TABLES = ROOT + 0x10_0000;
  private static final long NOWHERE = 0x3000_0000L;
  private static final long POOL = 0x1000_0000L;
  private static final int POOL_FRAMES = 112;
  private static final int DOMAINS = 2;

  /** Where the addresses lie; the last two need more than 39 bits, the very last more than 48. */
  private static final long[] REGIONS = {0, 5L << 30, 1L << 38, 1L << 39, 1L << 47, 1L << 48};

  private final Bench bench;
  private final Random random;
  private final InvalidationPort invalidations;
  private final int maxLevels;
  private final List<String> observations = new ArrayList<>();
  private final long[][][] tables = new long[DOMAINS][REGIONS.length][5];
  private final int faultOffset;
  private long nextTable = TABLES;
  private int queueBit;
  private int domainInUse = 1;

  Scenario(Bench bench, Capabilities capabilities, long seed) {
    this.bench = bench;
    this.random = new Random(seed);
    this.invalidations = new InvalidationPort(bench, capabilities, random, observations);
    this.maxLevels = capabilities.supportsLevels(4) ? 4 : 3;
    this.faultOffset = capabilities.faultRecordOffset();
  }

  /** Runs and returns one line for everything that could be observed. */
  List<String> run(int steps) {
    setUp();
    for (int i = 0; i < steps; i++) {
      step();
    }
    observations.add(String.format("pool A %x", bench.checksum(POOL, POOL_FRAMES << 12)));
    observations.add(
        String.format("pool B %x", bench.checksum(POOL + (2 << 20), POOL_FRAMES << 12)));
    return observations;
  }

  private void setUp() {
    for (int frame = 0; frame < POOL_FRAMES; frame++) {
      for (int word = 0; word < 4; word++) {
        long phys = POOL + frame * 4096L + word * 8L;
        bench.writeMemory64(phys, phys * 0x1234_5678_9abcL);
        bench.writeMemory64(phys + (2 << 20), ~phys * 0x1234_5678_9abcL);
      }
    }
    bench.writeMemory64(ROOT, RootEntry.of(CONTEXTS).low());
    for (int domain = 0; domain < DOMAINS; domain++) {
      buildTables(domain);
    }
    for (int i = 0; i < 60; i++) {
      mapOne(random.nextInt(DOMAINS), random.nextInt(REGIONS.length));
    }
    setContext(goodContext(0));
    bench.writeRegister64(Register.RTADDR, ROOT);
    bench.writeRegister32(Register.GCMD, 1 << 30);
    queueBit = invalidations.enable();
    bench.writeRegister32(Register.GCMD, 1 << 31 | queueBit);
    invalidateAll();
  }

  /** One topmost table a domain, one table of each lower level a region. */
  private void buildTables(int domain) {
    long top = newTable();
    for (int region = 0; region < REGIONS.length; region++) {
      tables[domain][region][maxLevels] = top;
      for (int level = maxLevels - 1; level >= 1; level--) {
        tables[domain][region][level] = newTable();
        connect(domain, region, level + 1, 3);
      }
    }
  }

  private long newTable() {
    nextTable += 0x1000;
    return nextTable;
  }

  private void connect(int domain, int region, int level, long rights) {
    long iova = REGIONS[region] | POOL;
    long phys = SecondLevelEntry.entryPhys(tables[domain][region][level], iova, level);
    bench.writeMemory64(phys, tables[domain][region][level - 1] | rights);
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0 -> changeContext();
      case 1 -> changeRoot();
      case 2, 3 -> invalidate();
      case 4, 5, 6, 7 -> changeTables();
      case 8 -> messageWindow();
      default -> access();
    }
  }

  private long randomIova() {
    int region = random.nextInt(REGIONS.length);
    // The frame's number is unlike in all regions and not zero, see QemuDifferentialTest.
    int frame = 16 * (region + 1) + random.nextInt(6);
    return (REGIONS[region] | POOL) + frame * 4096L;
  }

  private void access() {
    long iova = randomIova() + random.nextInt(5) * 8L;
    int length = 8;
    if (random.nextInt(10) == 0) {
      iova += 0xfd0;
      length = 0x40;
    }
    observe(iova, length, random.nextBoolean());
  }

  private void observe(long iova, int length, boolean write) {
    if (write) {
      bench.deviceWrite(iova, length);
    } else {
      bench.deviceRead(iova, length);
    }
    int status = bench.readRegister32(Register.FSTS);
    long high = bench.readRegister64(faultOffset + 8);
    boolean recorded = high < 0;
    String fault = "";
    if (recorded) {
      long address = bench.readRegister64(faultOffset);
      String type = (high >> 62 & 1) != 0 ? "read" : "write";
      long reason = high >> 32 & 0xff;
      fault =
          String.format(" %s reason %x source %x page %x", type, reason, high & 0xffff, address);
      bench.writeRegister64(faultOffset + 8, 1L << 63);
    }
    String what = String.format("%s %x+%x", write ? "write" : "read", iova, length);
    observations.add(what + (recorded ? " recorded" + fault : " unrecorded") + " fsts " + status);
    observations.add("fsts after clearing " + bench.readRegister32(Register.FSTS));
  }

  private void messageWindow() {
    observe(0xfee0_0000L + random.nextInt(16) * 4L, 4, true);
  }

  private void changeTables() {
    int domain = random.nextInt(DOMAINS);
    int region = random.nextInt(REGIONS.length);
    int level = 1 + random.nextInt(random.nextInt(3) == 0 ? maxLevels : 2);
    if (level == 1) {
      mapOne(domain, region);
    } else if (random.nextInt(3) != 0) {
      connect(domain, region, level, random.nextInt(4) == 0 ? rights() : 3);
    } else {
      long phys =
          SecondLevelEntry.entryPhys(tables[domain][region][level], REGIONS[region] | POOL, level);
      bench.writeMemory64(phys, upperEntry(level));
    }
  }

  private void mapOne(int domain, int region) {
    long iova = (REGIONS[region] | POOL) + (16 * (region + 1) + random.nextInt(6)) * 4096L;
    long phys = SecondLevelEntry.entryPhys(tables[domain][region][1], iova, 1);
    bench.writeMemory64(phys, damaged(poolFrame(1) | rights()));
  }

  private long upperEntry(int level) {
    if (random.nextInt(8) == 0) {
      return NOWHERE | 3;
    }
    boolean leaf = level <= 3 || random.nextInt(4) == 0;
    return leaf ? damaged(poolFrame(level) | rights() | SecondLevelEntry.PS.mask()) : rights();
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
    int[] bits = {2, 5, 10, 11, 12, 48, 50, 52, 60, 62, 63};
    return random.nextInt(6) == 0 ? entry | 1L << bits[random.nextInt(bits.length)] : entry;
  }

  private void setContext(ContextEntry entry) {
    long phys = ContextEntry.entryPhys(CONTEXTS, Bench.SOURCE);
    bench.writeMemory64(phys + 8, entry.high());
    bench.writeMemory64(phys, entry.low());
  }

  private void changeContext() {
    int domain = random.nextInt(DOMAINS);
    switchTo(domain, randomContext(domain));
    if (random.nextInt(4) != 0) {
      int next = random.nextInt(DOMAINS);
      switchTo(next, goodContext(next));
    }
  }

  private ContextEntry goodContext(int domain) {
    return ContextEntry.of(0, tables[domain][0][maxLevels], maxLevels, domain + 1);
  }

  private ContextEntry randomContext(int domain) {
    int levels = random.nextInt(8) == 0 ? 2 + random.nextInt(8) : maxLevels;
    int type = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
    ContextEntry entry = ContextEntry.of(type, tables[domain][0][maxLevels], levels, domain + 1);
    boolean suppress = random.nextInt(8) == 0;
    entry = entry.with(ContextEntry.FPD, suppress ? 1 : 0);
    return switch (random.nextInt(10)) {
      case 0 -> entry.with(ContextEntry.P, 0);
      case 1 -> suppress ? entry : new ContextEntry(entry.low() | 0x40, entry.high());
      case 2 -> entry.with(ContextEntry.AVAIL, 15);
      case 3 -> entry.with(ContextEntry.SLPTPTR, NOWHERE >> 12);
      case 4 -> suppress ? entry : new ContextEntry(entry.low(), entry.high() | 1L << 33);
      default -> entry;
    };
  }

  private void switchTo(int domain, ContextEntry entry) {
    setContext(entry);
    if (random.nextInt(4) == 0) {
      access(); // whatever the caches still hold
    }
    invalidations.context(random.nextInt(3) == 0 ? 1 : 3, domainInUse);
    invalidations.iotlb(1, 0, 0, 0);
    domainInUse = domain + 1;
    access();
  }

  private void changeRoot() {
    RootEntry good = RootEntry.of(CONTEXTS);
    switch (random.nextInt(5)) {
      case 0 -> bench.writeMemory64(ROOT, 0);
      case 1 -> bench.writeMemory64(ROOT, good.low() | 1L << 51);
      case 2 -> bench.writeMemory64(ROOT + 8, 1);
      case 3 -> bench.writeMemory64(ROOT, RootEntry.of(NOWHERE).low());
      default -> setRootTable(NOWHERE);
    }
    invalidateAll();
    access();
    bench.writeMemory64(ROOT, good.low());
    bench.writeMemory64(ROOT + 8, 0);
    setRootTable(ROOT);
    invalidateAll();
    access();
  }

  private void setRootTable(long phys) {
    bench.writeRegister64(Register.RTADDR, phys);
    bench.writeRegister32(Register.GCMD, 3 << 30 | queueBit);
  }

  private void invalidateAll() {
    invalidations.context(1, domainInUse);
    invalidations.iotlb(1, 0, 0, 0);
  }

  private void invalidate() {
    int domain = random.nextInt(3) == 0 ? 1 + random.nextInt(DOMAINS) : domainInUse;
    int mask = random.nextInt(5);
    long iova = randomIova() & -(4096L << mask);
    invalidations.iotlb(random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 3, domain, iova, mask);
  }
}
