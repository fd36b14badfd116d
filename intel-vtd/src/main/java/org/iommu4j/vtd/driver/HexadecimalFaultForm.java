package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.fault.ReasonTable;
import org.iommu4j.vtd.hw.format.FaultRecord;

/** Source: {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}, of 6.1. */
@Immutable
final class HexadecimalFaultForm implements FaultForm {
  @Override
  public String line(FaultRecord fault) {
    int code = fault.reasonCode();
    ReasonTable.Row row = ReasonTable.of(code);
    String requester = PciAddress.ofRequesterId(0, fault.sourceId()).withoutDomain();
    String reason = String.format("[fault reason 0x%02x] %s", code, row.words());
    if (row.isOfInterrupts()) {
      return String.format(
          "DMAR: [INTR-REMAP] Request device [%s] fault index 0x%x %s",
          requester, fault.pageIova() >>> 48, reason);
    }
    String pasid =
        FaultRecord.PP.isSet(fault.high())
            ? String.format("PASID 0x%x", FaultRecord.PV.get(fault.high()))
            : "NO_PASID";
    return String.format(
        "DMAR: [%s %s] Request device [%s] fault addr 0x%x %s",
        fault.isRead() ? "DMA Read" : "DMA Write", pasid, requester, fault.pageIova(), reason);
  }
}
