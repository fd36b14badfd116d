package org.iommu4j.vtd.hw.qemu;

import java.util.List;
import java.util.Random;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextCacheInvalidate;
import org.iommu4j.vtd.hw.format.InvalidationWait;
import org.iommu4j.vtd.hw.format.IotlbInvalidate;
import org.iommu4j.vtd.hw.format.Register;

/** The invalidations of a {@link Scenario}: by registers, or by a queue that errs now and then. */
final class InvalidationPort {
  private static final long QUEUE = 0x1800_2000L;
  private static final long STATUS = 0x1800_3000L;

  private final Bench bench;
  private final Random random;
  private final boolean drains;
  private final boolean queued;
  private final int iotlbOffset;
  private final List<String> observations;
  private int queueTail;

  InvalidationPort(
      Bench bench, Capabilities capabilities, Random random, List<String> observations) {
    this.bench = bench;
    this.random = random;
    this.observations = observations;
    this.queued = random.nextBoolean();
    this.drains = capabilities.drainsReads();
    this.iotlbOffset = capabilities.iotlbOffset();
  }

  /** Enables the queue if it is to be used; returns the bit of GCMD that keeps it so. */
  int enable() {
    if (!queued) {
      return 0;
    }
    bench.writeRegister64(Register.IQA, QUEUE);
    bench.writeRegister64(Register.IQT, 0);
    bench.writeRegister32(Register.GCMD, 1 << 26);
    return 1 << 26;
  }

  void context(int granularity, int domain) {
    if (queued) {
      submit(ContextCacheInvalidate.low(granularity, domain, Bench.SOURCE, random.nextInt(4)), 0);
      return;
    }
    long mask = (long) random.nextInt(4) << 32;
    long source = (long) Bench.SOURCE << 16;
    bench.writeRegister64(
        Register.CCMD, 1L << 63 | (long) granularity << 61 | mask | source | domain);
    observations.add("ccmd " + Long.toHexString(bench.readRegister64(Register.CCMD) >>> 59));
  }

  void iotlb(int granularity, int domain, long iova, int mask) {
    if (queued) {
      boolean drain = drains && random.nextBoolean();
      long high = granularity == 3 ? IotlbInvalidate.high(iova, mask, random.nextBoolean()) : 0;
      submit(IotlbInvalidate.low(granularity, domain, drain), high);
      return;
    }
    bench.writeRegister64(iotlbOffset, iova | mask);
    bench.writeRegister64(
        iotlbOffset + 8, 1L << 63 | (long) granularity << 60 | (long) domain << 32);
    long done = bench.readRegister64(iotlbOffset + 8);
    observations.add("iotlb " + Long.toHexString(done >>> 57));
  }

  private void submit(long low, long high) {
    int stamp = random.nextInt();
    if (random.nextInt(30) == 0) {
      push(0xf, 0);
      ringDoorbell();
      observations.add("bad descriptor: fsts " + bench.readRegister32(Register.FSTS));
      observations.add("head " + bench.readRegister64(Register.IQH));
      long bad = QUEUE + ((queueTail + 255) & 255) * 16L;
      bench.writeMemory64(bad, 4);
      bench.writeRegister32(Register.FSTS, 0x10);
    }
    push(low, high);
    push(InvalidationWait.lowStatus(stamp), InvalidationWait.high(STATUS));
    ringDoorbell();
    observations.add("head " + bench.readRegister64(Register.IQH));
    observations.add("status " + (bench.readMemory64(STATUS) == Integer.toUnsignedLong(stamp)));
  }

  private void push(long low, long high) {
    bench.writeMemory64(QUEUE + queueTail * 16L, low);
    bench.writeMemory64(QUEUE + queueTail * 16L + 8, high);
    queueTail = (queueTail + 1) & 255;
  }

  private void ringDoorbell() {
    bench.writeRegister64(Register.IQT, (long) queueTail << 4);
  }
}
