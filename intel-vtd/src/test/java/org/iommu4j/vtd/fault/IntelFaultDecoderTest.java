package org.iommu4j.vtd.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.junit.jupiter.api.Test;

class IntelFaultDecoderTest {
  private static final String OF_5_10 =
      "DMAR: [DMA Write] Request device [03:1f.7] PASID ffffffff fault addr fffc2000"
          + " [fault reason 05] PTE Write access is not set";
  private static final String OF_6_1 =
      "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x7f1a000"
          + " [fault reason 0x06] PTE Read access is not set";

  private static FaultMessage decode(String line) {
    return new IntelFaultDecoder().decode(line).orElseThrow(() -> new AssertionError(line));
  }

  private static int code(FaultMessage fault) {
    return Objects.requireNonNull(Objects.requireNonNull(fault.reason()).code());
  }

  @Test
  void a_line_of_5_10_is_read() {
    FaultMessage fault = decode(OF_5_10);
    assertEquals(Kind.DMA, fault.kind());
    assertEquals(new PciAddress(0, 3, 0x1f, 7), fault.requester());
    assertEquals(Access.WRITE, fault.access());
    assertEquals(0xfffc2000L, fault.address());
    assertEquals(FaultReason.WRITE_DENIED.code(), code(fault));
    assertEquals(FaultCondition.NOT_GRANTED, fault.condition());
    assertNull(fault.pasid());
    assertTrue(fault.remarks().get(0).contains("decimal, as 5.10"), fault.remarks().get(0));
  }

  @Test
  void a_line_of_6_1_is_read() {
    FaultMessage fault = decode(OF_6_1);
    assertEquals(Access.READ, fault.access());
    assertEquals(0x7f1a000L, fault.address());
    assertEquals(FaultCondition.NOT_MAPPED, fault.condition());
    assertTrue(fault.remarks().get(0).contains("hexadecimal"), fault.remarks().get(0));
  }

  @Test
  void ten_is_not_sixteen() {
    String start = "DMAR: [DMA Read] Request device [00:02.0] PASID ffffffff fault addr 1000";
    assertEquals(
        FaultReason.ROOT_RESERVED.code(), code(decode(start + " [fault reason 10] non-zero")));
    assertEquals(0x10, code(decode(OF_6_1.replace("0x06", "0x10"))));
    assertEquals(FaultReason.ROOT_RESERVED.code(), code(decode(OF_6_1.replace("0x06", "0x0a"))));
  }

  @Test
  void a_pasid_is_read_in_both_forms() {
    assertEquals(0x12, decode(OF_5_10.replace("ffffffff", "12")).pasid());
    assertEquals(0x1f, decode(OF_6_1.replace("NO_PASID", "PASID 0x1f")).pasid());
  }

  @Test
  void an_interrupt_has_an_entry_and_no_address() {
    FaultMessage old =
        decode(
            "DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 1a"
                + " [fault reason 38] Blocked an interrupt request due to source-id verification"
                + " failure");
    assertEquals(Kind.INTERRUPT, old.kind());
    assertEquals(0x1aL, old.interruptIndex());
    assertNull(old.address());
    assertEquals(FaultCondition.INTERRUPT_SOURCE, old.condition());
    FaultMessage recent =
        decode(
            "DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x0"
                + " [fault reason 0x25] Blocked a compatibility format interrupt request");
    assertEquals(FaultCondition.INTERRUPT_FORM, recent.condition());
    assertEquals(2, recent.remarks().size(), recent.remarks()::toString);
  }

  @Test
  void every_reason_reads_the_same_in_every_form() {
    for (ReasonTable.Row row : ReasonTable.all().values()) {
      String old =
          String.format(
              "DMAR: [DMA Read] Request device [01:00.0] PASID ffffffff fault addr 0"
                  + " [fault reason %02d] %s",
              row.code(), row.words());
      String recent =
          String.format(
              "DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x0"
                  + " [fault reason 0x%02x] %s",
              row.code(), row.words());
      for (String line : new String[] {old, recent}) {
        FaultMessage fault = decode(line);
        assertEquals(row.code(), code(fault), line);
        assertEquals(row.condition(), fault.condition(), line);
        assertTrue(
            fault.remarks().stream().noneMatch(remark -> remark.contains("the kernel's words")),
            line);
      }
    }
    for (FaultReason reason : FaultReason.values()) {
      assertNotNull(ReasonTable.all().get(reason.code()), reason.name());
    }
    assertEquals(14 + 7 + 24 + 22, ReasonTable.all().size());
  }

  @Test
  void words_that_belong_to_another_reason_are_told() {
    FaultMessage fault = decode(OF_6_1.replace("PTE Read access", "PTE Write access"));
    assertTrue(fault.remarks().toString().contains("its words for this reason"), fault::toString);
  }

  @Test
  void an_unknown_reason_is_said_to_be_unknown() {
    FaultMessage fault = decode(OF_6_1.replace("0x06", "0xff"));
    assertEquals(FaultCondition.OTHER, fault.condition());
    assertEquals(0xff, code(fault));
  }

  @Test
  void lines_around_a_fault_are_read_too() {
    IntelFaultDecoder decoder = new IntelFaultDecoder();
    String[] lines = {
      "DMAR: DRHD: handling fault status reg 3",
      "DMAR: Dump dmar0 table entries for IOVA 0x7f1a000",
      "DMAR: root entry: 0x0000000102aa1001",
      "DMAR: scalable mode root entry: hi 0x0, low 0x1",
      "DMAR: context entry: hi 0x0000000000000302, low 0x0000000102b5a001",
      "DMAR: pte level: 4, pte value: 0x0000000102b5b003",
      "DMAR: page table not present at level 2",
      "DMAR: pasid dir entry: 0x0000000102b5b001",
      "DMAR: pasid table entry[0]: 0x0000000102b5b001",
      "DMAR: scalable mode page table is not present",
      "DMAR: legacy mode page table is not present",
      "DMAR: QI HEAD: Context-cache Invalidation qw0 = 0x1, qw1 = 0x0",
      "DMAR: Invalidation Time-out Error (ITE) cleared",
      "IOMMU: dmar0: PRQ overflow detected",
      "IOMMU: dmar0: PRQ overflow cleared",
      "DMAR: QI PRIOR: UNKNOWN qw0 = 0x0, qw1 = 0x0",
      "DMAR: Invalidation Queue Error (IQE) cleared",
      "DMAR: Invalidation Completion Error (ICE) cleared",
      "DMAR: root table is not present",
      "DMAR: context table is not present",
      "DMAR: pasid directory table is not present",
      "DMAR: pasid table is not present"
    };
    for (String line : lines) {
      Optional<FaultMessage> message = decoder.decode(line);
      assertEquals(Optional.of(Kind.RELATED), message.map(FaultMessage::kind), line);
    }
    assertTrue(decode(lines[0]).remarks().get(0).contains("some are lost"));
    assertTrue(decode(lines[5]).remarks().get(0).contains("readable and writable"));
    assertEquals(
        Kind.UNIT, decode("DMAR: VT-d detected Invalidation Time-out Error: SID 300").kind());
    for (String line :
        new String[] {
          "DMAR: VT-d detected Invalidation Queue Error: Reason 1",
          "DMAR: VT-d detected Invalidation Completion Error: SID 300",
          "DMAR: VT-d detected invalid descriptor: qw0 = 100000004, qw1 = fee00000",
          "dmar1: Page request without PASID: 00000001 00000000",
          "dmar1: Page request for invalid PASID 5: 00000001 00000000",
          "Unexpected page request in Privilege Mode",
          "Execution request not supported",
          "IOMMU: dmar1: Page request without PASID",
          "[   12.345678] dmar1: Page request without PASID: 00000001 00000000",
          "[   12.345678] Execution request not supported",
          "IOMMU: dmar1: Page request in Privilege Mode",
          "IOMMU: dmar1: Address is not canonical",
          "IOMMU: dmar1: Execution request not supported",
          "dmar1: Invalid page request: 00000001 00000000"
        }) {
      assertEquals(Kind.UNIT, decode(line).kind(), line);
    }
  }

  @Test
  void other_lines_are_not_taken() {
    IntelFaultDecoder decoder = new IntelFaultDecoder();
    for (String line :
        new String[] {
          "",
          "DMAR: IOMMU enabled",
          "DMAR: Intel(R) Virtualization Technology for Directed I/O",
          "e1000e 0000:00:19.0 eth0: NIC Link is Up",
          OF_6_1.replace("DMAR", "dmar"),
          OF_6_1.replace("0x06", "06x"),
          OF_5_10.replace("05", "0f"),
          OF_5_10.replace("05", "256"),
          OF_5_10.replace("1f.7", "1f.8"),
          OF_5_10.replace("1f.7", "2f.7")
        }) {
      assertEquals(Optional.empty(), decoder.decode(line), line);
    }
  }

  @Property(tries = 500)
  void any_text_is_read_or_refused(
      @ForAll @CharRange(to = '\u00ff') @StringLength(max = 200) String text) {
    IntelFaultDecoder decoder = new IntelFaultDecoder();
    assertNotNull(decoder.decode(text));
    assertNotNull(decoder.decode("DMAR: " + text));
    assertNotNull(decoder.decode("DMAR: [DMA Read] Request device [" + text));
  }

  @Property(tries = 500)
  void a_line_with_one_character_changed_is_read_or_refused(
      @ForAll @IntRange(max = 119) int at, @ForAll @CharRange(to = '\u00ff') char to) {
    for (String line : new String[] {OF_5_10, OF_6_1}) {
      int place = at % line.length();
      assertNotNull(
          new IntelFaultDecoder()
              .decode(line.substring(0, place) + to + line.substring(place + 1)));
    }
  }
}
