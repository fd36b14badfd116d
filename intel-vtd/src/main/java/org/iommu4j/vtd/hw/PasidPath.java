package org.iommu4j.vtd.hw;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.hw.format.ScalableContextEntry;
import org.jspecify.annotations.Nullable;

/**
 * The way from a context entry of scalable mode to the entry of the address space that requests
 * without one have.
 *
 * <p>Immutable. Source: VT-d 3.3 sections 3.4.3, 9.5 and 9.6.
 *
 * @param context the context entry
 * @param directoryPhys the physical address of the directory's entry
 * @param directory that entry, 0 if no memory is there
 * @param entryPhys the physical address of the address space's entry, 0 if nothing leads to one
 * @param entry that entry, or null if none was read
 * @param fault why there is no way, or null if there is one
 */
@Immutable
public record PasidPath(
    ScalableContextEntry context,
    long directoryPhys,
    long directory,
    long entryPhys,
    @Nullable PasidEntry entry,
    @Nullable FaultReason fault) {
  /** Present, in an entry of the directory. */
  public static final BitField P = BitField.bit("P", 0);

  /** The number of the frame of the table that an entry of the directory leads to. */
  public static final BitField SMPTBLPTR = BitField.bits("SMPTBLPTR", 63, 12);

  static PasidPath of(
      PhysicalMemory memory, Capabilities capabilities, ScalableContextEntry context) {
    int pasid = context.requesterPasid();
    long directoryPhys = context.directoryEntryPhys(pasid);
    if (!memory.isRam(directoryPhys)) {
      return ended(context, directoryPhys, 0, FaultReason.PASID_DIRECTORY_INACCESSIBLE);
    }
    long directory = memory.readVolatile64(directoryPhys);
    if (!P.isSet(directory)) {
      return ended(context, directoryPhys, directory, FaultReason.PASID_DIRECTORY_NOT_PRESENT);
    }
    long phys = PasidEntry.entryPhys(directory & SMPTBLPTR.mask(), pasid);
    if (!memory.isRam(phys)) {
      return ended(context, directoryPhys, directory, FaultReason.PASID_TABLE_INACCESSIBLE);
    }
    PasidEntry entry =
        new PasidEntry(
            memory.readVolatile64(phys),
            memory.readVolatile64(phys + 8),
            memory.readVolatile64(phys + 16));
    return new PasidPath(
        context, directoryPhys, directory, phys, entry, faultOf(entry, capabilities));
  }

  private static PasidPath ended(
      ScalableContextEntry context, long directoryPhys, long directory, FaultReason fault) {
    return new PasidPath(context, directoryPhys, directory, 0, null, fault);
  }

  private static @Nullable FaultReason faultOf(PasidEntry entry, Capabilities capabilities) {
    if (!entry.isPresent()) {
      return FaultReason.PASID_NOT_PRESENT;
    }
    boolean supported =
        switch (entry.translationType()) {
          case PasidEntry.FIRST_STAGE ->
              capabilities.firstLevelTranslation()
                  && (entry.levels() == 4
                      || (entry.levels() == 5 && capabilities.firstLevelFiveLevels()));
          case PasidEntry.SECOND_STAGE ->
              capabilities.secondLevelTranslation() && capabilities.supportsLevels(entry.levels());
          case PasidEntry.PASS_THROUGH -> capabilities.passThrough();
          default -> false;
        };
    return supported ? null : FaultReason.PASID_INVALID;
  }

  /** Returns the context entry of legacy mode that says the same; null if there is no way. */
  @Nullable ContextEntry asLegacy() {
    if (entry == null || fault != null) {
      return null;
    }
    boolean passes = entry.translationType() == PasidEntry.PASS_THROUGH;
    boolean caches = ScalableContextEntry.DTE.isSet(context.low());
    int type =
        passes
            ? ContextEntry.TT_PASS_THROUGH
            : caches ? ContextEntry.TT_DEVICE_TLB : ContextEntry.TT_UNTRANSLATED;
    return ContextEntry.of(type, entry.pageTablePhys(), entry.levels(), entry.domainId())
        .with(ContextEntry.FPD, PasidEntry.FPD.get(entry.low()));
  }
}
