package org.iommu4j.vtd.hw.qemu;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RootEntry;

/**
 * A seeded run of table writes, invalidations and accesses on one bench, and what was observed.
 *
 * <p>Two runs of one seed do the same things in the same order whatever they observe.
 */
final class Scenario {
  private static final long ROOT = 0x1800_0000L;
  private static final long CONTEXTS = ROOT + 0x1000;

  private final Bench bench;
  private final Random random;
  private final InvalidationPort invalidations;
  private final int maxLevels;
  private final List<String> observations = new ArrayList<>();
  private final BenchTables tables;
  private final int faultOffset;
  private int queueBit;
  private int domainInUse = 1;

  Scenario(Bench bench, Capabilities capabilities, long seed) {
    this.bench = bench;
    // The first bits of neighbouring seeds are alike; a multiplication sets them apart.
    this.random = new Random(seed * 0x9e37_79b9_7f4a_7c15L);
    this.invalidations = new InvalidationPort(bench, capabilities, random, observations);
    this.maxLevels = capabilities.supportsLevels(4) ? 4 : 3;
    this.tables = new BenchTables(bench, random, maxLevels);
    this.faultOffset = capabilities.faultRecordOffset();
  }

  /** Runs and returns one line for everything that could be observed. */
  List<String> run(int steps) {
    setUp();
    for (int i = 0; i < steps; i++) {
      step();
    }
    observations.add(
        String.format(
            "pool A %x", bench.checksum(BenchTables.POOL, BenchTables.POOL_FRAMES << 12)));
    observations.add(
        String.format(
            "pool B %x",
            bench.checksum(BenchTables.POOL + (2 << 20), BenchTables.POOL_FRAMES << 12)));
    return observations;
  }

  private void setUp() {
    for (int frame = 0; frame < BenchTables.POOL_FRAMES; frame++) {
      for (int word = 0; word < 4; word++) {
        long phys = BenchTables.POOL + frame * 4096L + word * 8L;
        bench.writeMemory64(phys, phys * 0x1234_5678_9abcL);
        bench.writeMemory64(phys + (2 << 20), ~phys * 0x1234_5678_9abcL);
      }
    }
    bench.writeMemory64(ROOT, RootEntry.of(CONTEXTS).low());
    tables.build();
    for (int i = 0; i < 60; i++) {
      changeTables();
    }
    setContext(goodContext(0));
    bench.writeRegister64(Register.RTADDR, ROOT);
    bench.writeRegister32(Register.GCMD, 1 << 30);
    queueBit = invalidations.enable();
    bench.writeRegister32(Register.GCMD, 1 << 31 | queueBit);
    invalidateAll();
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0 -> changeContext();
      case 1 -> changeRoot();
      case 2, 3 -> invalidate();
      case 4, 5, 6 -> changeTables();
      case 7 -> messageWindow();
      case 8, 9, 10, 11 -> probe();
      default -> access();
    }
  }

  private void access() {
    long iova = tables.randomIova(tables.randomRegion()) + random.nextInt(5) * 8L;
    int length = 8;
    if (random.nextInt(10) == 0) {
      iova += 0xfd0;
      length = 0x40;
    }
    observe(iova, length, random.nextBoolean());
  }

  /** Accesses memory, by a request for each page as PCI Express demands. */
  private void observe(long iova, int length, boolean write) {
    int first = (int) Math.min(length, 4096 - iova % 4096);
    observeRequest(iova, 0, first, write);
    if (first < length) {
      observeRequest(iova + first, first, length - first, write);
    }
  }

  private void observeRequest(long iova, int bufferOffset, int length, boolean write) {
    if (write) {
      bench.deviceWrite(iova, bufferOffset, length);
    } else {
      bench.deviceRead(iova, bufferOffset, length);
    }
    long[] taken = bench.takeFault(faultOffset);
    long high = taken[1];
    String fault = " unrecorded";
    if (high < 0) {
      String type = (high >> 62 & 1) != 0 ? "read" : "write";
      long reason = high >> 32 & 0xff;
      fault =
          String.format(
              " recorded %s reason %x source %x page %x", type, reason, high & 0xffff, taken[2]);
    }
    String what = String.format("%s %x+%x", write ? "write" : "read", iova, length);
    observations.add(what + fault + " fsts " + taken[0]);
    observations.add("fsts after clearing " + taken[3]);
  }

  private void messageWindow() {
    observe(0xfee0_0000L + random.nextInt(16) * 4L, 4, true);
  }

  private void changeTables() {
    int domain = random.nextInt(BenchTables.DOMAINS);
    int region = tables.randomRegion();
    int level = random.nextInt(3) == 0 ? tables.randomLevel() : 1;
    tables.change(domain, region, tables.randomIova(region), level);
  }

  /** Maps a page, uses it, changes an entry under it, uses what is stale, invalidates, uses it. */
  private void probe() {
    int domain = random.nextInt(8) == 0 ? 2 - domainInUse : domainInUse - 1;
    int region = tables.randomRegion();
    long iova = tables.randomIova(region);
    long sibling = random.nextBoolean() ? iova : tables.randomIova(region);
    int leafLevel = 1 + random.nextInt(3);
    tables.repair(domain, region, iova, leafLevel);
    if (random.nextInt(4) == 0) {
      tables.change(domain, region, iova, leafLevel);
    }
    observe(iova, 8, random.nextBoolean());
    int level = Math.max(leafLevel, random.nextInt(3) == 0 ? tables.randomLevel() : 1);
    if (random.nextBoolean()) {
      tables.remove(domain, region, iova, level);
    } else {
      tables.change(domain, region, iova, level);
    }
    observe(sibling + 16, 8, random.nextBoolean());
    if (random.nextInt(4) != 0) {
      int mask = random.nextInt(5);
      long near = random.nextInt(3) == 0 ? tables.randomIova(region) : sibling;
      invalidate(domain + 1, near & -(4096L << mask), mask);
    }
    observe(iova + 8, 8, random.nextBoolean());
    observe(sibling, 8, random.nextBoolean());
  }

  private void setContext(ContextEntry entry) {
    long phys = ContextEntry.entryPhys(CONTEXTS, Bench.SOURCE);
    bench.writeMemory64(phys + 8, entry.high());
    bench.writeMemory64(phys, entry.low());
  }

  private void changeContext() {
    int domain = random.nextInt(BenchTables.DOMAINS);
    switchTo(domain, randomContext(domain));
    if (random.nextInt(4) != 0) {
      int next = random.nextInt(BenchTables.DOMAINS);
      switchTo(next, goodContext(next));
    }
  }

  private ContextEntry goodContext(int domain) {
    return ContextEntry.of(0, tables.top(domain, maxLevels), maxLevels, domain + 1);
  }

  private ContextEntry randomContext(int domain) {
    int odd = random.nextInt(6);
    int levels = odd == 0 ? 2 + random.nextInt(8) : odd == 1 ? 3 : maxLevels;
    int type = random.nextInt(4) == 0 ? random.nextInt(4) : 0;
    ContextEntry entry = ContextEntry.of(type, tables.top(domain, levels), levels, domain + 1);
    boolean suppress = random.nextInt(8) == 0;
    entry = entry.with(ContextEntry.FPD, suppress ? 1 : 0);
    return switch (random.nextInt(10)) {
      case 0 -> entry.with(ContextEntry.P, 0);
      case 1 -> suppress ? entry : new ContextEntry(entry.low() | 0x40, entry.high());
      case 2 -> entry.with(ContextEntry.AVAIL, 15);
      case 3 -> entry.with(ContextEntry.SLPTPTR, BenchTables.NOWHERE >> 12);
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
      case 3 -> bench.writeMemory64(ROOT, RootEntry.of(BenchTables.NOWHERE).low());
      default -> setRootTable(BenchTables.NOWHERE);
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
    int domain = random.nextInt(3) == 0 ? 1 + random.nextInt(BenchTables.DOMAINS) : domainInUse;
    int mask = random.nextInt(5);
    long iova = tables.randomIova(tables.randomRegion());
    invalidate(domain, iova & -(4096L << mask), mask);
  }

  private void invalidate(int domain, long iova, int mask) {
    int granularity = random.nextInt(4) == 0 ? 1 + random.nextInt(2) : 3;
    invalidations.iotlb(granularity, domain, iova, mask);
  }
}
