package org.iommu4j.vtd.driver;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.fault.ReasonTable;
import org.iommu4j.vtd.hw.format.FaultRecord;

/** Source: {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}. */
@Immutable
final class DecimalFaultForm implements FaultForm {
  @Override
  public String line(FaultRecord fault) {
    int code = fault.reasonCode();
    ReasonTable.Row row = ReasonTable.of(code);
    String requester = PciAddress.ofRequesterId(0, fault.sourceId()).withoutDomain();
    String reason = String.format("[fault reason %02d] %s", code, row.words());
    if (row.isOfInterrupts()) {
      return String.format(
          "DMAR: [INTR-REMAP] Request device [%s] fault index %x %s",
          requester, fault.pageIova() >>> 48, reason);
    }
    return String.format(
        "DMAR: [%s] Request device [%s] PASID %x fault addr %x %s",
        fault.isRead() ? "DMA Read" : "DMA Write",
        requester,
        FaultRecord.PP.isSet(fault.high()) ? (int) FaultRecord.PV.get(fault.high()) : -1,
        fault.pageIova(),
        reason);
  }
}
