package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Optional;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.HardwareEntry.Mode;
import org.iommu4j.iommu.spi.HardwareEntry.Stage;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RootEntry;

/**
 * A unit's root and context tables, in legacy mode: which requester is let through to where.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/iommu.c:iommu_context_addr}.
 */
final class ContextTables {
  private final VtdUnit unit;
  private final PhysicalMemory memory;
  private final long rootPhys;
  private final Object lock = new Object();

  /** Makes the tables of a unit, whose root table is empty. */
  ContextTables(VtdUnit unit, PhysicalMemory memory, long rootPhys) {
    this.unit = unit;
    this.memory = memory;
    this.rootPhys = rootPhys;
  }

  /** Returns the physical address of the root table. */
  long rootPhys() {
    return rootPhys;
  }

  /**
   * Sets the context entry of a requester, unless it has one.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_context_mapping_one}.
   */
  void set(int requesterId, ContextEntry entry, int domainId) {
    synchronized (lock) {
      long entryPhys = contextEntryPhys(requesterId);
      if (ContextEntry.P.isSet(memory.read64(entryPhys))) {
        return;
      }
      memory.writeVolatile64(entryPhys + 8, entry.high());
      memory.writeVolatile64(entryPhys, entry.low());
      if (unit.cachingMode()) {
        unit.invalidation().contexts(Granularity.SELECTIVE, 0, requesterId);
        unit.invalidation().iotlb(Granularity.DOMAIN, domainId, 0, 0, false);
      } else {
        unit.flushWriteBuffer();
      }
    }
  }

  /**
   * Returns whether a requester has a context entry.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:device_context_mapped}.
   */
  boolean has(int requesterId) {
    synchronized (lock) {
      long entryPhys = existingEntryPhys(requesterId);
      return entryPhys != 0 && ContextEntry.P.isSet(memory.read64(entryPhys));
    }
  }

  /**
   * Takes a requester's context entry away and makes the hardware forget it.
   *
   * <p>Source: {@code drivers/iommu/intel/iommu.c:domain_context_clear_one}.
   */
  void clear(int requesterId) {
    int domainId;
    synchronized (lock) {
      long entryPhys = existingEntryPhys(requesterId);
      if (entryPhys == 0) {
        return;
      }
      domainId = (int) ContextEntry.DID.get(memory.read64(entryPhys + 8));
      memory.writeVolatile64(entryPhys, 0);
      memory.writeVolatile64(entryPhys + 8, 0);
    }
    unit.invalidation().contexts(Granularity.SELECTIVE, domainId, requesterId);
    unit.invalidation().iotlb(Granularity.DOMAIN, domainId, 0, 0, false);
  }

  /** Returns where a requester's context entry is, 0 if there is no table for its bus. */
  @GuardedBy("lock") private long existingEntryPhys(int requesterId) {
    long root = memory.read64(RootEntry.entryPhys(rootPhys, requesterId >> 8));
    return RootEntry.P.isSet(root)
        ? ContextEntry.entryPhys(root & RootEntry.CTP.mask(), requesterId & 0xff)
        : 0;
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:iommu_context_addr}. */
  @GuardedBy("lock") private long contextEntryPhys(int requesterId) {
    long rootEntryPhys = RootEntry.entryPhys(rootPhys, requesterId >> 8);
    long root = memory.read64(rootEntryPhys);
    if (!RootEntry.P.isSet(root)) {
      root = RootEntry.of(unit.zeroedFrames(0)).low();
      memory.writeVolatile64(rootEntryPhys, root);
    }
    return ContextEntry.entryPhys(root & RootEntry.CTP.mask(), requesterId & 0xff);
  }

  /** Returns what the hardware was told of a requester; nothing if that is nothing. */
  Optional<HardwareEntry> hardwareEntry(int requesterId) {
    ContextEntry entry = unit.hardware().lookUp(requesterId).context();
    if (!unit.hardware().isTranslating() || entry == null || !entry.isPresent()) {
      return Optional.empty();
    }
    boolean passes = entry.translationType() == ContextEntry.TT_PASS_THROUGH;
    long tablePhys = passes ? 0 : entry.pageTablePhys();
    return Optional.of(
        new HardwareEntry(
            Mode.LEGACY,
            passes ? Stage.NONE : Stage.SECOND,
            entry.levels(),
            entry.domainId(),
            tablePhys,
            passes
                ? visitor -> {}
                : visitor -> PageTable.visit(memory, visitor, tablePhys, entry.levels())));
  }
}
