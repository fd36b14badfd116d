package org.iommu4j.amdvi.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.machine.pci.PciAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AmdFaultDecoderTest {
  private static FaultMessage decode(String line) {
    return new AmdFaultDecoder().decode(line).orElseThrow(() -> new AssertionError(line));
  }

  @Test
  void theDeviceIsNamedByTheLineOrByWhoPrintedIt() {
    FaultMessage printed =
        decode(
            "nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000f"
                + " address=0xfffc2010 flags=0x0020]");
    assertEquals(new PciAddress(0, 1, 0, 0), printed.requester());
    assertEquals(0xfffc2010L, printed.address());
    assertEquals(Access.WRITE, printed.access());
    FaultMessage named =
        decode(
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=0001:c1:00.3 domain=0x0000"
                + " address=0x7f flags=0x0000]");
    assertEquals(new PciAddress(1, 0xc1, 0, 3), named.requester());
    assertEquals(Access.READ, named.access());
    assertEquals(
        new PciAddress(0, 2, 0, 0),
        decode(
                "pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=02:00.0"
                    + " pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]")
            .requester());
  }

  @Test
  void aPageRequestWithAWrongPasidNamesItsDeviceByNumber() {
    FaultMessage large = decode("AMD-Vi: Invalid PASID : 0x2a, device : 0xc1fb");
    assertEquals(new PciAddress(0, 0xc1, 0x1f, 3), large.requester());
    assertEquals(0x2a, large.pasid());
    assertEquals(FaultCondition.NO_PASID, large.condition());
    assertEquals(Access.UNKNOWN, large.access());
    assertTrue(large.isRefusal());
    FaultMessage none = decode("AMD-Vi: Invalid PASID : 0x0, device : 0x300");
    assertEquals(new PciAddress(0, 3, 0, 0), none.requester());
    assertNull(none.pasid());
    assertEquals(
        new FaultMessage.Reason("Invalid PASID", null, "a page request without a PASID"),
        none.reason());
  }

  @ParameterizedTest
  @CsvSource({
    "0x0000, NOT_MAPPED, READ, DMA",
    "0x0020, NOT_MAPPED, WRITE, DMA",
    "0x0050, NO_RIGHT, READ, DMA",
    "0x0070, NO_RIGHT, WRITE, DMA",
    "0x0090, BAD_TABLES, READ, DMA",
    "0x0010, NOT_GRANTED, READ, DMA",
    "0x0008, INTERRUPT_ENTRY, UNKNOWN, INTERRUPT",
    "0x0098, BAD_TABLES, UNKNOWN, INTERRUPT",
    "0x0100, NOT_MAPPED, UNKNOWN, DMA",
  })
  void flagsSayWhatWasTriedAndWhyNot(
      String flags, FaultCondition condition, Access access, Kind kind) {
    FaultMessage fault =
        decode(
            "AMD-Vi: Event logged [IO_PAGE_FAULT device=00:14.0 domain=0x0012 address=0x1000"
                + " flags="
                + flags
                + "]");
    assertEquals(condition, fault.condition());
    assertEquals(access, fault.access());
    assertEquals(kind, fault.kind());
    assertTrue(fault.remarks().contains("the device's domain is 0x0012"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x1000]",
        "pci 0000:00:00.2: AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address=0x0 flags=0x0000]",
        "AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=01:00.0 address=0x41f8a7f60]",
        "AMD-Vi: Completion-Wait loop timed out"
      })
  void troublesOfTheUnitAreNoRefusals(String line) {
    assertEquals(Kind.UNIT, decode(line).kind());
    assertFalse(decode(line).isRefusal());
  }

  /** Every form of {@code drivers/iommu/amd/iommu.c}, {@code init.c}, {@code ppr.c}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        // 5.10: without a segment
        "DMA;AMD-Vi: Event logged [RMP_HW_ERROR device=01:00.0, vmg_tag=0x0001, spa=0x1000, flags=0x0000]",
        "DMA;AMD-Vi: Event logged [RMP_PAGE_FAULT device=01:00.0, vmg_tag=0x0001, gpa=0x1000, flags_rmp=0x0002, flags=0x0020]",
        "DMA;AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 domain=0x000a address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=01:00.0 pasid=0x00000 address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [DEV_TAB_HARDWARE_ERROR device=01:00.0 address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=01:00.0 pasid=0x0000 address=0x1000 flags=0x0020]",
        "UNIT;pci 0000:00:00.2: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=01:00.0 address=0x1000]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=01:00.0 pasid=0x00000 address=0x1000 flags=0x0a00]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_PPR_REQUEST device=01:00.0 pasid=0x00001 address=0x1000 flags=0x0020 tag=0x001]",
        // 6.1 and 6.12: with one
        "DMA;AMD-Vi: Event logged [RMP_HW_ERROR device=0000:01:00.0, vmg_tag=0x0001, spa=0x1000, flags=0x0000]",
        "DMA;AMD-Vi: Event logged [RMP_PAGE_FAULT device=0000:01:00.0, vmg_tag=0x0001, gpa=0x1000, flags_rmp=0x0002, flags=0x0020]",
        "DMA;AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 domain=0x000a address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:01:00.0 pasid=0x00000 address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [DEV_TAB_HARDWARE_ERROR device=0000:01:00.0 address=0x1000 flags=0x0020]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=0000:01:00.0 pasid=0x0000 address=0x1000 flags=0x0020]",
        "UNIT;pci 0000:00:00.2: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:01:00.0 address=0x1000]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:01:00.0 pasid=0x00000 address=0x1000 flags=0x0a00]",
        "DMA;pci 0000:00:00.2: AMD-Vi: Event logged [INVALID_PPR_REQUEST device=0000:01:00.0 pasid=0x00001 address=0x1000 flags=0x0020 tag=0x001]",
        "DMA;AMD-Vi:   device=0000:01:00.0 domain=0x000a",
        // the same in each
        "DMA;nvme 0000:01:00.0: AMD-Vi: Event logged [RMP_HW_ERROR vmg_tag=0x0001, spa=0x1000, flags=0x0000]",
        "DMA;nvme 0000:01:00.0: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0001, gpa=0x1000, flags_rmp=0x0002, flags=0x0020]",
        "DMA;nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000a address=0x1000 flags=0x0020]",
      })
  void everyFormThatNamesADeviceIsRead(Kind kind, String line) {
    FaultMessage fault = decode(line);
    assertEquals(kind, fault.kind());
    PciAddress device = new PciAddress(0, 1, 0, 0);
    if (kind == Kind.DMA) {
      assertEquals(device, fault.requester());
    } else {
      assertTrue(fault.remarks().contains("the device is " + device), fault::toString);
    }
    assertNotNull(fault.reason());
  }

  /** The other forms of the same files. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "UNIT;pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x1000]",
        "UNIT;pci 0000:00:00.2: AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address=0x1000 flags=0x0000]",
        "UNIT;pci 0000:00:00.2: AMD-Vi: Event logged [UNKNOWN event[0]=0x00000001 event[1]=0xf0000000 event[2]=0x00000000 event[3]=0x00000000",
        "UNIT;AMD-Vi: No event written to event log",
        "UNIT;AMD-Vi: Completion-Wait loop timed out",
        "UNIT;AMD-Vi: Command buffer timeout",
        "UNIT;AMD-Vi: Unknown PPR request received",
        "RELATED;AMD-Vi: Event logged [Device not attached to domain properly]",
        "RELATED;AMD-Vi: DTE[0]: 6000000000000003",
        "RELATED;AMD-Vi: CMD[3]: 00000000",
        "RELATED;AMD-Vi: IOMMU event log overflow",
        "RELATED;AMD-Vi: IOMMU GA Log overflow",
        "RELATED;AMD-Vi: IOMMU Event log restarting",
        "RELATED;AMD-Vi: IOMMU PPR log restarting",
      })
  void everyOtherFormIsRead(Kind kind, String line) {
    FaultMessage message = decode(line);
    assertEquals(kind, message.kind());
    assertNull(message.requester());
    assertFalse(message.isRefusal());
  }

  @Test
  void aDeviceWithoutADomainHasNoTables() {
    FaultMessage fault = decode("AMD-Vi:   device=0000:01:00.0 domain=0x000a");
    assertEquals(FaultCondition.NO_TABLES, fault.condition());
    assertNull(fault.address());
    assertTrue(fault.isRefusal());
  }

  @Test
  void whoPrintsAnEventOfTheUnitIsTheUnitAndNoDevice() {
    assertEquals(
        List.of("the IOMMU is 0000:00:00.2"),
        decode("pci 0000:00:00.2: AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x1000]")
            .remarks());
  }

  @Test
  void aPasidOfZeroIsNone() {
    String line =
        "AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0a:00.0 pasid=0x%s address=0xfee00000"
            + " flags=0x0000]";
    assertNull(decode(String.format(line, "00000")).pasid());
    assertEquals(0x12, decode(String.format(line, "00012")).pasid());
    assertEquals(FaultCondition.REQUEST_TYPE, decode(String.format(line, "00000")).condition());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "AMD-Vi: Interrupt remapping enabled",
        "AMD-Vi: Event logged [",
        "AMD-Vi: Event logged [NO_SUCH_EVENT device=00:14.0]",
        "IO_PAGE_FAULT device=00:14.0"
      })
  void otherLinesAreNotTaken(String line) {
    assertEquals(Optional.empty(), new AmdFaultDecoder().decode(line));
  }

  @Test
  void partsThatMakeNoSenseAreLeftOut() {
    FaultMessage fault =
        decode("AMD-Vi: Event logged [IO_PAGE_FAULT device=zz:14.0 address=0xzz flags=nonsense]");
    assertNull(fault.requester());
    assertNull(fault.address());
    assertEquals(FaultCondition.NOT_GRANTED, fault.condition());
  }
}
