package org.iommu4j.vtd.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.driver.FaultForm;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.FaultRecord;

/** What 6.1 and later print of a fault is read as what was recorded. */
final class HexadecimalFaultTest {
  @Property
  void everyRecordedFaultIsReadBackFromItsLine(
      @ForAll FaultReason reason,
      @ForAll @IntRange(max = 0xffff) int sourceId,
      @ForAll @IntRange int page,
      @ForAll boolean read) {
    long iova = Integer.toUnsignedLong(page) << 12;
    FaultRecord record = FaultRecord.of(reason, sourceId, iova, read);
    String line = FaultForm.HEXADECIMAL_REASON.line(record);
    FaultMessage message = new IntelFaultDecoder().decode(line).orElseThrow(AssertionError::new);
    assertEquals(reason.code(), Objects.requireNonNull(message.reason()).code(), line);
    assertEquals(iova, message.address(), line);
    assertEquals(PciAddress.ofRequesterId(0, sourceId), message.requester(), line);
  }
}
