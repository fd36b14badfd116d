package org.iommu4j.cli.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.iommu.pci.PciAddress;
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
