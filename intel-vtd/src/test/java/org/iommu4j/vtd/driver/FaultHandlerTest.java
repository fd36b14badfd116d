package org.iommu4j.vtd.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.dma.HardwareObserver;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.vtd.fault.ReasonTable;
import org.iommu4j.vtd.hw.Access;
import org.iommu4j.vtd.hw.HardwareConfig;
import org.iommu4j.vtd.hw.RemappingHardware;
import org.iommu4j.vtd.hw.format.Cap;
import org.iommu4j.vtd.hw.format.Capabilities;
import org.iommu4j.vtd.hw.format.FaultRecord;
import org.iommu4j.vtd.hw.format.Register;
import org.iommu4j.vtd.hw.format.RegisterBits.EventControl;
import org.iommu4j.vtd.hw.format.RegisterBits.Global;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel prints about faults. */
final class FaultHandlerTest {
  private static final long CAP = 0xd2008c222f0606L;
  private static final long ECAP = 0xf00f4aL;
  private static final int RECORDS = 4;

  private final PhysicalMemory memory = PhysicalMemory.ofRam(List.of(new PhysRange(0, 1 << 20)));
  private final RemappingHardware unit =
      new RemappingHardware(
          memory,
          HardwareConfig.of(new Capabilities(CAP, ECAP).withCap(Cap.NFR, RECORDS - 1), 48),
          HardwareObserver.NONE);
  private final List<String> log = new ArrayList<>();

  private static FaultRecord record(int code, long iova, boolean read) {
    return new FaultRecord(
        iova & FaultRecord.FI.mask(),
        FaultRecord.F.of(1)
            | FaultRecord.T.of(read ? 1 : 0)
            | FaultRecord.FR.of(code)
            | FaultRecord.SID.of(0x3a5d));
  }

  @ParameterizedTest
  @CsvSource({
    "1, Present bit in root entry is clear",
    "5, PTE Write access is not set",
    "12, non-zero reserved fields in PTE",
    "13, PCE for translation request specifies blocking",
    "14, Unknown",
    "31, Unknown",
    "39, Unknown",
    "48, SM: Invalid Root Table Address",
    "51, Unknown",
    "57, SM: Present bit in Root Entry is clear",
    "91, SM: Invalid Scalable-Mode PASID Table Entry",
    "113, SM: Present bit in first-level paging entry is clear",
    "128, SM: Address in first-level translation is not canonical",
    "144, SM: A/D bit update needed in first-level entry when set up in no snoop",
    "145, Unknown",
    "255, Unknown"
  })
  void aReasonHasTheKernelsWords(int code, String words) {
    assertEquals(
        String.format(
            "DMAR: [DMA Write] Request device [3a:0b.5] PASID ffffffff fault addr 1234567000"
                + " [fault reason %02d] %s",
            code, words),
        FaultForm.DECIMAL_REASON.line(record(code, 0x12_3456_7fffL, false)));
  }

  @ParameterizedTest
  @CsvSource({
    "32, Detected reserved fields in the decoded interrupt-remapped request",
    "34, Present field in the IRTE entry is clear",
    "38, Blocked an interrupt request due to source-id verification failure"
  })
  void anInterruptHasAnIndexAndNoAddress(int code, String words) {
    assertEquals(
        "DMAR: [INTR-REMAP] Request device [3a:0b.5] fault index 1f [fault reason "
            + code
            + "] "
            + words,
        FaultForm.DECIMAL_REASON.line(record(code, 0x1fL << 48, true)));
  }

  @Test
  void aProcessIsNamedIfTheRequestNamesIt() {
    FaultRecord fault = record(6, 0x1000, true);
    FaultRecord withPasid =
        new FaultRecord(
            fault.low(), fault.high() | FaultRecord.PP.of(1) | FaultRecord.PV.of(0xabcde));
    assertEquals(
        "DMAR: [DMA Read] Request device [3a:0b.5] PASID abcde fault addr 1000 [fault reason 06]"
            + " PTE Read access is not set",
        FaultForm.DECIMAL_REASON.line(withPasid));
  }

  @Test
  void onlyTheReasonsOfInterruptsAreOfInterrupts() {
    long count = 0;
    for (int code = 0; code < 256; code++) {
      count += ReasonTable.of(code).isOfInterrupts() ? 1 : 0;
    }
    assertEquals(7, count);
  }

  private void boot() {
    unit.setInterruptSink(new FaultHandler(unit, new Object(), FaultForm.DECIMAL_REASON, log::add));
    unit.write64(Register.RTADDR, 0x10000);
    unit.write32(Register.GCMD, (int) Global.SRTP.mask());
    unit.write32(Register.GCMD, (int) Global.TE.mask());
  }

  private void mask(boolean masked) {
    unit.write32(Register.FECTL, masked ? (int) EventControl.IM.mask() : 0);
  }

  @Test
  void aFaultIsPrintedAndItsRecordIsFreeAgain() {
    boot();
    mask(false);
    for (int i = 0; i < 3 * RECORDS; i++) {
      unit.translate(0x100, 0x5000, Access.READ);
    }
    assertEquals(2 * 3 * RECORDS, log.size());
    assertEquals(
        List.of(
            "DMAR: DRHD: handling fault status reg 2",
            "DMAR: [DMA Read] Request device [01:00.0] PASID ffffffff fault addr 5000"
                + " [fault reason 01] Present bit in root entry is clear"),
        log.subList(0, 2));
    assertEquals(0, unit.read32(Register.FSTS) & 0xff);
  }

  @Test
  void anOverflowShowsInTheStatusAndWhatFitIsPrinted() {
    boot();
    mask(true);
    for (int source = 1; source <= RECORDS + 2; source++) {
      unit.translate(source << 8, 0x5000, Access.WRITE);
    }
    assertEquals(List.of(), log);
    mask(false);
    assertEquals("DMAR: DRHD: handling fault status reg 3", log.get(0));
    assertEquals(1 + RECORDS, log.size());
    assertEquals(0, unit.read32(Register.FSTS) & 0xff, "overflow and records are cleared");
    unit.translate(0x100, 0x5000, Access.WRITE);
    assertEquals(1 + RECORDS + 2, log.size());
  }
}
