package org.iommu4j.vtd.report;

import com.google.common.collect.ImmutableList;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.hw.ContextLookup;
import org.iommu4j.vtd.hw.PasidPath;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.PasidEntry;
import org.iommu4j.vtd.hw.format.ScalableContextEntry;
import org.jspecify.annotations.Nullable;

/** Says of the entries that scalable mode has after the root entry what their bits mean. */
final class PasidReports {
  private static final BitField[] CONTEXT_LOW = {
    ScalableContextEntry.P,
    ScalableContextEntry.FPD,
    ScalableContextEntry.DTE,
    ScalableContextEntry.PDTS,
    ScalableContextEntry.PASIDDIRPTR
  };
  private static final BitField[] CONTEXT_HIGH = {ScalableContextEntry.RID_PASID};
  private static final BitField[] DIRECTORY = {PasidPath.P, PasidPath.SMPTBLPTR};
  private static final BitField[] LOW = {
    PasidEntry.P, PasidEntry.FPD, PasidEntry.AW, PasidEntry.PGTT, PasidEntry.SLPTPTR
  };
  private static final BitField[] MIDDLE = {PasidEntry.DID, PasidEntry.PWSNP, PasidEntry.PGSNP};
  private static final BitField[] HIGH = {
    PasidEntry.SRE, PasidEntry.FLPM, PasidEntry.NXE, PasidEntry.FLPTPTR
  };

  private PasidReports() {}

  static ImmutableList<Entry> of(ContextLookup lookup, PasidPath path) {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    entries.add(context(lookup, path.context()));
    boolean ends = path.entryPhys() == 0;
    entries.add(
        new Entry(
            "PASID directory entry 0x0",
            path.directoryPhys(),
            ImmutableList.of(EntryReports.word(path.directory(), 0, "", DIRECTORY)),
            ends
                ? EntryReports.nowhere(path.fault())
                : String.format(
                    "PASID table at 0x%x", path.directory() & PasidPath.SMPTBLPTR.mask())));
    PasidEntry entry = path.entry();
    if (entry != null) {
      entries.add(addressSpace(path, entry, path.fault()));
    }
    return entries.build();
  }

  private static Entry context(ContextLookup lookup, ScalableContextEntry context) {
    PciAddress requester = PciAddress.ofRequesterId(0, lookup.sourceId());
    return new Entry(
        String.format("context entry of %02x.%x", requester.device(), requester.function()),
        lookup.contextPhys(),
        ImmutableList.of(
            EntryReports.word(context.low(), 0, "", CONTEXT_LOW),
            EntryReports.word(context.high(), 0, "", CONTEXT_HIGH)),
        String.format(
            "PASID directory at 0x%x", context.low() & ScalableContextEntry.PASIDDIRPTR.mask()));
  }

  private static Entry addressSpace(PasidPath path, PasidEntry entry, @Nullable FaultReason fault) {
    return new Entry(
        "PASID entry 0x0",
        path.entryPhys(),
        ImmutableList.of(
            EntryReports.word(entry.low(), 0, "", LOW),
            EntryReports.word(entry.middle(), 0, "", MIDDLE),
            EntryReports.word(entry.high(), 0, "", HIGH)),
        fault == null ? leadsTo(entry) : EntryReports.nowhere(fault));
  }

  private static String leadsTo(PasidEntry entry) {
    return switch (entry.translationType()) {
      case PasidEntry.PASS_THROUGH -> "memory: requests pass through, addresses are physical";
      case PasidEntry.FIRST_STAGE ->
          String.format(
              "first-stage table of level %d at 0x%x", entry.levels(), entry.pageTablePhys());
      default -> String.format("table of level %d at 0x%x", entry.levels(), entry.pageTablePhys());
    };
  }
}
