package org.iommu4j.vtd.hw;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.RegisterBits.RootTable;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.ScalableContextEntry;
import org.jspecify.annotations.Nullable;

/**
 * The way from a requester to its context entry, entry by entry: what the hardware does on a miss
 * of the context cache, and what a person sees who asks.
 *
 * <p>Immutable. Source: VT-d 3.3 sections 3.4.2, 9.1 and 9.3.
 *
 * @param sourceId the requester: bus, device and function in 16 bits
 * @param rootPhys the physical address of the root entry
 * @param root the root entry, or null if no memory is there
 * @param contextPhys the physical address of the context entry; 0 if the root entry leads nowhere
 * @param context the context entry, or null if none was read
 * @param pasid the way on from there in scalable mode, where {@code context} is what it comes to;
 *     null in legacy mode, and if there is none
 * @param fault why no context was found, or null if one was
 */
@Immutable
public record ContextLookup(
    int sourceId,
    long rootPhys,
    @Nullable RootEntry root,
    long contextPhys,
    @Nullable ContextEntry context,
    @Nullable PasidPath pasid,
    @Nullable FaultReason fault) {

  /**
   * Looks a requester up.
   *
   * @param memory where the tables lie
   * @param config what the unit can do
   * @param rootTable the root table as RTADDR has it: its physical address, and its mode
   * @param sourceId the requester
   */
  public static ContextLookup of(
      PhysicalMemory memory, HardwareConfig config, long rootTable, int sourceId) {
    long rootTablePhys = rootTable & RootTable.RTA.mask();
    return RootTable.TTM.get(rootTable) == RootTable.SCALABLE
        ? ofScalable(memory, config, rootTablePhys, sourceId)
        : ofLegacy(memory, config, rootTablePhys, sourceId);
  }

  private static ContextLookup ofLegacy(
      PhysicalMemory memory, HardwareConfig config, long rootTablePhys, int sourceId) {
    long rootPhys = RootEntry.entryPhys(rootTablePhys, sourceId >> 8);
    if (!memory.isRam(rootPhys)) {
      return ended(sourceId, rootPhys, null, FaultReason.ROOT_TABLE_INACCESSIBLE);
    }
    RootEntry root =
        new RootEntry(memory.readVolatile64(rootPhys), memory.readVolatile64(rootPhys + 8));
    if (!root.isPresent()) {
      return ended(sourceId, rootPhys, root, FaultReason.ROOT_NOT_PRESENT);
    }
    if (root.hasReservedBits(config.hostAddressBits())) {
      return ended(sourceId, rootPhys, root, FaultReason.ROOT_RESERVED);
    }
    long phys = ContextEntry.entryPhys(root.contextTablePhys(), sourceId & 0xff);
    if (!memory.isRam(phys)) {
      return new ContextLookup(
          sourceId, rootPhys, root, phys, null, null, FaultReason.CONTEXT_TABLE_INACCESSIBLE);
    }
    ContextEntry entry =
        new ContextEntry(memory.readVolatile64(phys), memory.readVolatile64(phys + 8));
    return new ContextLookup(sourceId, rootPhys, root, phys, entry, null, faultOf(entry, config));
  }

  private static ContextLookup ended(
      int sourceId, long rootPhys, @Nullable RootEntry root, FaultReason fault) {
    return new ContextLookup(sourceId, rootPhys, root, 0, null, null, fault);
  }

  private static ContextLookup ofScalable(
      PhysicalMemory memory, HardwareConfig config, long rootTablePhys, int sourceId) {
    long rootPhys = RootEntry.entryPhys(rootTablePhys, sourceId >> 8);
    if (!memory.isRam(rootPhys)) {
      return ended(sourceId, rootPhys, null, FaultReason.SCALABLE_ROOT_INACCESSIBLE);
    }
    RootEntry root =
        new RootEntry(memory.readVolatile64(rootPhys), memory.readVolatile64(rootPhys + 8));
    long half = memory.readVolatile64(ScalableContextEntry.rootHalfPhys(rootTablePhys, sourceId));
    if (!RootEntry.P.isSet(half)) {
      return ended(sourceId, rootPhys, root, FaultReason.SCALABLE_ROOT_NOT_PRESENT);
    }
    long phys = ScalableContextEntry.entryPhys(half & RootEntry.CTP.mask(), sourceId & 0xff);
    if (!memory.isRam(phys)) {
      return ended(sourceId, rootPhys, root, phys, FaultReason.SCALABLE_CONTEXT_INACCESSIBLE);
    }
    ScalableContextEntry context =
        new ScalableContextEntry(memory.readVolatile64(phys), memory.readVolatile64(phys + 8));
    if (!context.isPresent()) {
      return ended(sourceId, rootPhys, root, phys, FaultReason.SCALABLE_CONTEXT_NOT_PRESENT);
    }
    if (context.hasReservedBits()) {
      return ended(sourceId, rootPhys, root, phys, FaultReason.SCALABLE_CONTEXT_RESERVED);
    }
    PasidPath path = PasidPath.of(memory, config.capabilities(), context);
    return new ContextLookup(sourceId, rootPhys, root, phys, path.asLegacy(), path, path.fault());
  }

  private static ContextLookup ended(
      int sourceId, long rootPhys, RootEntry root, long contextPhys, FaultReason fault) {
    return new ContextLookup(sourceId, rootPhys, root, contextPhys, null, null, fault);
  }

  private static @Nullable FaultReason faultOf(ContextEntry entry, HardwareConfig config) {
    Capabilities capabilities = config.capabilities();
    if (!entry.isPresent()) {
      return FaultReason.CONTEXT_NOT_PRESENT;
    }
    if (entry.hasReservedBits(config.hostAddressBits(), capabilities.domainIdBits())) {
      return FaultReason.CONTEXT_RESERVED;
    }
    boolean typeSupported =
        switch (entry.translationType()) {
          case ContextEntry.TT_UNTRANSLATED -> true;
          case ContextEntry.TT_DEVICE_TLB -> capabilities.deviceTlb();
          case ContextEntry.TT_PASS_THROUGH -> capabilities.passThrough();
          default -> false;
        };
    return typeSupported && capabilities.supportsLevels(entry.levels())
        ? null
        : FaultReason.CONTEXT_INVALID;
  }
}
