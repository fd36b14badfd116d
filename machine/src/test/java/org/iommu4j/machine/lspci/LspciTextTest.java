package org.iommu4j.machine.lspci;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciResource;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.junit.jupiter.api.Test;

class LspciTextTest {
  private static final String PORT =
      """
      00:1c.0 PCI bridge [0604]: Example Corporation Root Port [Model A] [8086:a110] (rev f1) (prog-if 00 [Normal decode])
      \tControl: I/O+ Mem+ BusMaster+
      \tStatus: Cap+ 66MHz-
      \tBus: primary=00, secondary=01, subordinate=02, sec-latency=0
      \tMemory behind bridge: df000000-df0fffff [size=1M] [32-bit]
      \tPrefetchable memory behind bridge: fff00000-000fffff [disabled] [64-bit]
      \tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00
      \t\tDevCap:\tMaxPayload 256 bytes, PhantFunc 0
      \t\tDevCap2: Completion Timeout: Range ABC, TimeoutDis+
      \t\t\t FRS- ARIFwd+
      \t\tDevCtl2: Completion Timeout: 50us to 50ms, TimeoutDis- LTR+, ARIFwd+
      \tCapabilities: [80] MSI: Enable+ Count=1/1 Maskable- 64bit-
      \t\tAddress: fee00238  Data: 0000
      \tCapabilities: [140 v1] Access Control Services
      \t\tACSCap:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-
      \t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir- CmpltRedir- UpstreamFwd+ EgressCtrl- DirectTrans-
      \tKernel driver in use: pcieport
      """;

  private static final String CARD =
      """
      01:00.0 Ethernet controller [0200]: Example [8086:10fb] (rev 01)
      \tFlags: bus master, fast devsel
      \tRegion 0: Memory at df000000 (64-bit, prefetchable) [size=512K]
      \tRegion 2: I/O ports at e000 [size=32]
      \tRegion 4: Memory at <unassigned> (64-bit, prefetchable) [size=16K]
      \tCapabilities: [a0] Express (v2) Endpoint, MSI 00
      \tCapabilities: [100 v1] Advanced Error Reporting
      \tCapabilities: [150 v1] Alternative Routing-ID Interpretation (ARI)
      \tCapabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)
      \t\tIOVCap:\tMigration-, Interrupt Message Number: 000
      \t\tIOVCtl:\tEnable+ Migration- Interrupt- MSE+ ARIHierarchy+
      \t\tInitial VFs: 64, Total VFs: 64, Number of VFs: 2, Function Dependency Link: 00
      \t\tVF offset: 128, stride: 2, Device ID: 10ed
      """;

  private static LspciListing parse(String text) {
    return LspciText.parse("lspci.txt", text);
  }

  private static PciFunctionFacts only(String text) {
    return parse(text).functions().get(0);
  }

  @Test
  void aPortIsBuiltFromItsWords() {
    PciFunctionFacts port = only(PORT);
    ConfigSpace config = port.config();
    assertEquals(0x8086, port.vendorId());
    assertEquals(0xa110, port.deviceId());
    assertEquals(0x060400, port.classCode());
    assertEquals(0xa110_8086, config.readDword(0));
    assertEquals(0xf1, config.readByte(8));
    assertEquals(1, config.headerType());
    assertEquals(0x020100, config.readDword(0x18));
    int express = config.findCapability(0x10);
    assertEquals(0x40, express);
    assertEquals(0x142, config.readWord(express + 2));
    assertEquals(0x20, config.readWord(express + 0x24));
    assertEquals(0x20, config.readWord(express + 0x28));
    assertEquals(0x80, config.findCapability(0x05));
    int acs = config.findExtendedCapability(0x0d);
    assertEquals(0x140, acs);
    assertEquals(0x1d, config.readWord(acs + 4));
    assertEquals(0x11, config.readWord(acs + 6));
    assertEquals(
        List.of(new PciResource(0xdf000000L, 0xdf0fffffL, 0x200)), List.copyOf(port.resources()));
    assertEquals(List.of(LspciGap.RECONSTRUCTED), List.copyOf(parse(PORT).gaps().keySet()));
  }

  @Test
  void aPhysicalFunctionBringsItsVirtualOnes() {
    PciFunctionFacts card = only(CARD);
    ConfigSpace config = card.config();
    int sriov = config.findExtendedCapability(0x10);
    assertEquals(0x160, sriov);
    assertEquals(0x11, config.readWord(sriov + 8));
    assertEquals(2, config.readWord(sriov + 0x10));
    assertEquals(128, config.readWord(sriov + 0x14));
    assertEquals(2, config.readWord(sriov + 0x16));
    assertEquals(0x10ed, config.readWord(sriov + 0x1a));
    assertEquals(0x150, config.findExtendedCapability(0x0e));
    assertEquals(
        List.of(new PciResource(0xdf000000L, 0xdf07ffffL, 0x102200)),
        List.copyOf(card.resources()));

    String all = PORT + CARD + "01:10.0 Ethernet controller [0200]: Example VF [8086:10ed]\n";
    PciTopology pci = PciTopology.of(parse(all).functions());
    var vf = pci.device(new PciAddress(0, 1, 0x10, 0)).orElseThrow();
    assertTrue(vf.isVirtualFunction());
    assertEquals(PcieType.ROOT_PORT, pci.devices().get(0).pcieType().orElseThrow());
  }

  @Test
  void blanksInThePlaceOfTabsReadAlike() {
    for (String tab : new String[] {"    ", "        ", "  "}) {
      assertEquals(
          parse(PORT + CARD).toString().replaceAll("ConfigSpace@\\w+", ""),
          parse((PORT + CARD).replace("\t", tab)).toString().replaceAll("ConfigSpace@\\w+", ""));
      assertArrayEquals(
          only(PORT).config().toByteArray(), only(PORT.replace("\t", tab)).config().toByteArray());
    }
  }

  @Test
  void numbersOnlyAndNamesOnlyAreUnderstood() {
    PciFunctionFacts numbers = only("0001:00:1f.2 0106: 8086:a102 (rev 31)\n");
    assertEquals(new PciAddress(1, 0, 0x1f, 2), numbers.address());
    assertEquals(0xa102, numbers.deviceId());
    assertEquals(0x010600, numbers.classCode());

    String names = "00:14.0 USB controller: Example xHCI (rev 31) (prog-if 30 [XHCI])\n";
    assertEquals(0x0c0330, only(names).classCode());
    assertEquals(0xffff, only(names).vendorId());
    assertEquals(
        List.of(LspciGap.IDS, LspciGap.CAPABILITIES, LspciGap.RECONSTRUCTED),
        List.copyOf(parse(names).gaps().keySet()));
  }

  @Test
  void whatWasDeniedIsAGap() {
    String denied =
        "00:1c.0 PCI bridge [0604]: x [8086:a110]\n\tFlags: fast\n\tCapabilities: <access denied>\n";
    assertEquals(
        List.of(LspciGap.CAPABILITIES, LspciGap.BUS_NUMBERS, LspciGap.RECONSTRUCTED),
        List.copyOf(parse(denied).gaps().keySet()));
    String brief = PORT.replaceAll("(?m)^\t\tACS.*\n", "");
    assertEquals(
        List.of(LspciGap.CAPABILITY_BITS, LspciGap.RECONSTRUCTED),
        List.copyOf(parse(brief).gaps().keySet()));
  }

  @Test
  void functionsOfOneSlotMakeItMultifunction() {
    LspciListing listing = parse("00:1f.0 0601: 8086:a145\n00:1f.2 0580: 8086:a121\n");
    assertTrue(listing.functions().get(0).config().headerSaysMultifunction());
    assertFalse(only("00:1f.0 0601: 8086:a145\n").config().headerSaysMultifunction());
  }

  @Test
  void aDumpCountsMoreThanWordsAndWordsFillUpAShortDump() {
    String header = "00: 86 80 10 a1 07 04 10 00 f1 00 04 06 00 00 81 00\n";
    StringBuilder dump = new StringBuilder(header);
    for (int offset = 0x10; offset < 0x40; offset += 16) {
      dump.append(String.format("%02x:", offset)).append(" 00".repeat(16)).append('\n');
    }
    dump.replace(
        dump.indexOf("30: "), dump.length(), "30: 00 00 00 00 40" + " 00".repeat(11) + "\n");
    ConfigSpace config = only(PORT + dump).config();
    assertTrue(config.headerSaysMultifunction());
    assertEquals(0x40, config.findCapability(0x10));
    assertEquals(0x140, config.findExtendedCapability(0x0d));
    assertTrue(parse(PORT + dump).gaps().isEmpty());
  }

  @Test
  void aSecondListingAddsToTheFirst() {
    String dump = text(new PciAddress(0, 0, 0x1c, 0), new byte[4096]);
    PciFunctionFacts port = only(PORT + "\n" + dump);
    assertEquals(4096, port.config().sizeBytes());
    assertEquals(1, parse(PORT + "\n" + dump).functions().size());
    assertEquals(1, port.resources().size());
  }

  @Test
  void aDumpOfOnesIsAGap() {
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) -1);
    LspciListing listing = parse(text(new PciAddress(0, 1, 0, 1), ones));
    assertTrue(listing.gaps().containsKey(LspciGap.SILENT));
  }

  @Test
  void garbageIsRefusedWithItsLine() {
    assertBad("", "line 1");
    assertBad("hello\nworld\n", "line 2");
    assertBad("00:1f.9 Host bridge\n", "line 1");
    assertBad("00:00.0 x: y\n00: 86 80 zz\n", "line 2");
    assertBad("00:00.0 x: y\n00: 86 80\n10: 00\n", "line 3");
    assertBad("00:3f.0 x: y\n", "line 1");
  }

  private static void assertBad(String text, String place) {
    var e = assertThrows(BadInputException.class, () -> parse(text), text);
    assertEquals("lspci.txt", e.file());
    assertEquals(place, e.place());
  }

  private static String text(PciAddress address, byte[] config) {
    StringBuilder text = new StringBuilder(address + " Unassigned class [ff00]: Example\n");
    for (int offset = 0; offset < config.length; offset += 16) {
      text.append(String.format("%02x:", offset));
      for (int i = offset; i < Math.min(config.length, offset + 16); i++) {
        text.append(String.format(" %02x", config[i]));
      }
      text.append('\n');
    }
    return text.append('\n').toString();
  }

  @Property(tries = 100)
  void dumpsReadBackByteForByte(
      @ForAll @Size(min = 1, max = 4) List<byte[]> seeds, @ForAll @IntRange(max = 2) int size) {
    int bytes = new int[] {64, 256, 4096}[size];
    StringBuilder text = new StringBuilder();
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < seeds.size(); i++) {
      byte[] image = new byte[bytes];
      byte[] seed = seeds.get(i);
      for (int at = 0; at < bytes && seed.length > 0; at++) {
        image[at] = (byte) (seed[at % seed.length] + at / seed.length);
      }
      images.add(image);
      text.append(text(new PciAddress(0, i, 3, 1), image));
    }
    List<PciFunctionFacts> functions = parse(text.toString()).functions();
    for (int i = 0; i < images.size(); i++) {
      assertArrayEquals(images.get(i), functions.get(i).config().toByteArray());
    }
  }

  @Property(tries = 300)
  void anyTextIsAListingOrRefused(@ForAll @Size(max = 300) byte[] noise, @ForAll int place) {
    String before = PORT + CARD + text(new PciAddress(0, 2, 0, 0), new byte[64]);
    int at = Math.floorMod(place, before.length());
    String added = new String(noise, StandardCharsets.ISO_8859_1);
    try {
      LspciListing listing = parse(before.substring(0, at) + added + before.substring(at));
      assertFalse(PciTopology.of(listing.functions()).devices().isEmpty());
    } catch (BadInputException e) {
      assertEquals("lspci.txt", e.file());
    }
  }
}
