package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.spi.HardwareEntry;
import org.iommu4j.iommu.spi.HardwareEntry.Mode;
import org.iommu4j.iommu.spi.HardwareEntry.Stage;
import org.iommu4j.vtd.hw.ContextLookup;
import org.iommu4j.vtd.hw.PasidPath;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.hw.format.RegisterBits.Granularity;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.ScalableContextEntry;

/**
 * A unit's root and context tables in scalable mode, and the directories and tables of address
 * spaces of the devices behind it, of which only the one is used that requests without an address
 * space have.
 *
 * <p>Thread-safe.
 *
 * <p>Source: {@code drivers/iommu/intel/pasid.c}.
 */
final class ScalableTables {
  /** The address space of requests that name none: {@code PASID_RID2PASID}. */
  private static final int NO_PASID = 0;

  /** A directory of one frame: {@code drivers/iommu/intel/iommu.c:context_get_sm_pds}. */
  private static final int DIRECTORY_SIZE = 2;

  private final VtdUnit unit;
  private final PhysicalMemory memory;
  private final long rootPhys;
  private final Object lock = new Object();

  /** The directory of each device, by its own requester id. */
  @GuardedBy("lock") private final Map<Integer, Long> directories = new HashMap<>();

  /** Makes the tables of a unit, whose root table is empty. */
  ScalableTables(VtdUnit unit, PhysicalMemory memory, long rootPhys) {
    this.unit = unit;
    this.memory = memory;
    this.rootPhys = rootPhys;
  }

  /**
   * Sets what becomes of a device's requests.
   *
   * @param requesterIds the ids that its requests have
   * @param ownId its own id
   * @param deviceTlb whether it may cache translations
   */
  void set(List<Integer> requesterIds, int ownId, PasidEntry entry, boolean deviceTlb) {
    synchronized (lock) {
      long directoryPhys = directories.computeIfAbsent(ownId, id -> unit.zeroedFrames(0));
      setEntry(directoryPhys, entry);
      for (int requesterId : requesterIds) {
        setContext(requesterId, directoryPhys, deviceTlb && requesterId == ownId, entry);
      }
    }
  }

  /** Source: {@code drivers/iommu/intel/pasid.c:intel_pasid_setup_second_level}. */
  @GuardedBy("lock") private void setEntry(long directoryPhys, PasidEntry entry) {
    long directory = memory.read64(directoryPhys);
    if (!PasidPath.P.isSet(directory)) {
      directory = unit.zeroedFrames(0) | PasidPath.P.of(1);
      memory.writeVolatile64(directoryPhys, directory);
    }
    long phys = PasidEntry.entryPhys(directory & PasidPath.SMPTBLPTR.mask(), NO_PASID);
    memory.writeVolatile64(phys + 16, entry.high());
    memory.writeVolatile64(phys + 8, entry.middle());
    memory.writeVolatile64(phys, entry.low());
    if (unit.cachingMode()) {
      unit.invalidation().pasids(entry.domainId(), NO_PASID);
      unit.invalidation().addressSpace(entry.domainId(), NO_PASID);
    } else {
      unit.flushWriteBuffer();
    }
  }

  /** Source: {@code drivers/iommu/intel/iommu.c:domain_context_mapping_one}. */
  @GuardedBy("lock") private void setContext(
      int requesterId, long directoryPhys, boolean deviceTlb, PasidEntry entry) {
    long halfPhys = ScalableContextEntry.rootHalfPhys(rootPhys, requesterId);
    long half = memory.read64(halfPhys);
    if (!RootEntry.P.isSet(half)) {
      half = RootEntry.of(unit.zeroedFrames(0)).low();
      memory.writeVolatile64(halfPhys, half);
    }
    long phys = ScalableContextEntry.entryPhys(half & RootEntry.CTP.mask(), requesterId & 0xff);
    if (ScalableContextEntry.P.isSet(memory.read64(phys))) {
      return;
    }
    ScalableContextEntry context =
        ScalableContextEntry.of(directoryPhys, DIRECTORY_SIZE, deviceTlb);
    memory.writeVolatile64(phys + 8, context.high());
    memory.writeVolatile64(phys, context.low());
    if (unit.cachingMode()) {
      unit.invalidation().contexts(Granularity.SELECTIVE, 0, requesterId);
      unit.invalidation().iotlb(Granularity.DOMAIN, entry.domainId(), 0, 0, false);
    } else {
      unit.flushWriteBuffer();
    }
  }

  /** Returns whether a requester has a context entry, which it keeps once it has one. */
  boolean has(int requesterId) {
    synchronized (lock) {
      long half = memory.read64(ScalableContextEntry.rootHalfPhys(rootPhys, requesterId));
      long tablePhys = half & RootEntry.CTP.mask();
      return RootEntry.P.isSet(half)
          && ScalableContextEntry.P.isSet(
              memory.read64(ScalableContextEntry.entryPhys(tablePhys, requesterId & 0xff)));
    }
  }

  /**
   * Takes a device's translation away and makes the hardware forget it.
   *
   * <p>Source: {@code drivers/iommu/intel/pasid.c:intel_pasid_tear_down_entry}.
   */
  void clear(int ownId) {
    PasidEntry gone;
    synchronized (lock) {
      Long directoryPhys = directories.get(ownId);
      if (directoryPhys == null) {
        return;
      }
      long tablePhys = memory.read64(directoryPhys) & PasidPath.SMPTBLPTR.mask();
      long phys = PasidEntry.entryPhys(tablePhys, NO_PASID);
      gone = new PasidEntry(memory.read64(phys), memory.read64(phys + 8), memory.read64(phys + 16));
      if (!gone.isPresent()) {
        return;
      }
      memory.writeVolatile64(phys, 0);
      memory.writeVolatile64(phys + 8, 0);
      memory.writeVolatile64(phys + 16, 0);
    }
    unit.invalidation().pasids(gone.domainId(), NO_PASID);
    if (gone.translationType() == PasidEntry.SECOND_STAGE) {
      unit.invalidation().iotlb(Granularity.DOMAIN, gone.domainId(), 0, 0, false);
    } else {
      unit.invalidation().addressSpace(gone.domainId(), NO_PASID);
    }
  }

  /** Returns what the hardware was told of a requester; nothing if that is nothing. */
  Optional<HardwareEntry> hardwareEntry(int requesterId) {
    ContextLookup lookup = unit.hardware().lookUp(requesterId);
    PasidPath path = lookup.pasid();
    PasidEntry entry = path == null ? null : path.entry();
    if (!unit.hardware().isTranslating() || entry == null || !entry.isPresent()) {
      return Optional.empty();
    }
    Stage stage =
        switch (entry.translationType()) {
          case PasidEntry.PASS_THROUGH -> Stage.NONE;
          case PasidEntry.FIRST_STAGE -> Stage.FIRST;
          default -> Stage.SECOND;
        };
    long tablePhys = entry.pageTablePhys();
    return Optional.of(
        new HardwareEntry(
            Mode.SCALABLE,
            stage,
            stage == Stage.NONE ? 0 : entry.levels(),
            entry.domainId(),
            tablePhys,
            stage == Stage.NONE
                ? visitor -> {}
                : visitor -> PageTable.visit(memory, visitor, tablePhys, entry.levels())));
  }
}
