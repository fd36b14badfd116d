package org.iommu4j.vtd.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChipsetQuirksTest {
  private static final int HOST_BRIDGE = 0x060000;
  private static final int DISPLAY = 0x030000;
  private static final int GRAPHICS_CONTROL = 0x52;

  private static ChipsetQuirks of(PciFunctions functions) {
    return ChipsetQuirks.of(functions.build(), true, TrustRule.BELOW_EXTERNAL_PORT);
  }

  @Test
  void anUnlistedMachineHasNone() {
    ChipsetQuirks quirks = of(new PciFunctions().intel("00:02.0", 0x5917, DISPLAY, 7));
    assertEquals(new ChipsetQuirks(null, null, null, null, quirks.log()), quirks);
    assertTrue(quirks.log().isEmpty());
  }

  @Test
  void broadwellsGraphicsIsNotTranslated() {
    ChipsetQuirks quirks = of(new PciFunctions().intel("00:02.0", 0x1616, DISPLAY, 9));
    String line = "pci 0000:00:02.0: DMAR: Disabling IOMMU for graphics on this chipset";
    assertEquals(List.of(line), quirks.log());
    assertEquals(line, quirks.graphicsUnmapped());
  }

  @Test
  void theMobileFourSeriesAlsoNeedsItsWriteBuffersFlushed() {
    ChipsetQuirks quirks = of(new PciFunctions().intel("00:00.0", 0x2a40, HOST_BRIDGE, 7));
    assertNotNull(quirks.graphicsUnmapped());
    assertNotNull(quirks.writeBufferFlush());
    assertNull(quirks.strict());
  }

  @Test
  void untrustedDevicesHaveNoSay() {
    PciFunctions functions =
        new PciFunctions()
            .externalPort("00:1c.0", 1)
            .intel("01:00.0", 0x2a40, HOST_BRIDGE, 7)
            .intel("01:01.0", 0x9a49, DISPLAY, 7);
    ChipsetQuirks quirks = of(functions);
    assertNull(quirks.graphicsUnmapped());
    assertNull(quirks.writeBufferFlush());
    assertNull(quirks.translationKept());
    assertEquals(6, quirks.log().size());
  }

  @Test
  void aChipsetWithoutAShadowTableLosesTranslationOfGraphics() {
    ChipsetQuirks quirks =
        of(new PciFunctions().hostBridge("00:00.0", 0x0040, GRAPHICS_CONTROL, 0x0300));
    assertNotNull(quirks.graphicsUnmapped());
    assertNull(quirks.strict());
  }

  @Test
  void aChipsetWithAShadowTableMustFlushAtOnceIfGraphicsIsTranslated() {
    PciFunctions functions =
        new PciFunctions().hostBridge("00:00.0", 0x0040, GRAPHICS_CONTROL, 0x0b00);
    assertNotNull(of(functions).strict());
    assertNull(ChipsetQuirks.of(functions.build(), false, TrustRule.BELOW_EXTERNAL_PORT).strict());
    PciFunctions unmapped =
        new PciFunctions()
            .intel("00:00.0", 0x0044, HOST_BRIDGE, 0)
            .hostBridge("00:01.0", 0x0062, GRAPHICS_CONTROL, 0x0b00);
    assertNull(of(unmapped).strict());
  }

  @ParameterizedTest
  @CsvSource({
    "0x4500, true", "0x46a6, true", "0x4c8a, true", "0x4e55, true", "0x7d55, true",
    "0x8a52, true", "0x9840, true", "0x9a49, true", "0xa7a0, true", "0x4700, false",
    "0x9b41, false", "0x7e00, false",
  })
  void someGenerationsOfGraphicsKeepTranslationOn(String id, boolean kept) {
    ChipsetQuirks quirks = of(new PciFunctions().intel("00:02.0", Integer.decode(id), DISPLAY, 0));
    assertEquals(kept, quirks.translationKept() != null);
    ChipsetQuirks other =
        of(new PciFunctions().intel("00:02.0", Integer.decode(id), HOST_BRIDGE, 0));
    assertNull(other.translationKept());
  }

  @Test
  void theTablesAreAsLongAsTheKernels() {
    assertEquals(33, ChipsetQuirks.GRAPHICS_UNMAPPED.size());
    assertEquals(7, ChipsetQuirks.WRITE_BUFFER_FLUSH.size());
    assertEquals(3, ChipsetQuirks.SHADOW_TABLE.size());
    assertEquals(9 * 256, ChipsetQuirks.TRANSLATION_KEPT.size());
  }

  @ParameterizedTest
  @CsvSource({
    "0x00000000, true, true",
    "0x00000001, false, false",
    "0x00000010, false, false",
    "0x00000008, false, true",
    "0xffffffe2, true, true",
  })
  void theAudioDeviceNeedsEntriesOfItsUnit(String control, boolean identity, boolean warned) {
    PciFunctions functions =
        new PciFunctions()
            .intel("00:1b.0", 0x3a3e, 0x040300, 0)
            .withRegister("00:14.0", 0x342e, 0x188, Long.decode(control).intValue());
    IsochronousAudio audio = IsochronousAudio.of(functions.build(), TrustRule.BELOW_EXTERNAL_PORT);
    assertEquals(identity, audio.mappedOneToOneBecause() != null);
    assertEquals(warned, audio.warning() != null);
  }

  @Test
  void theAudioDeviceIsLeftAloneWhereItsRegistersAreHidden() {
    PciFunctions functions = new PciFunctions().intel("00:1b.0", 0x3a3e, 0x040300, 0);
    assertNull(
        IsochronousAudio.of(functions.build(), TrustRule.BELOW_EXTERNAL_PORT)
            .mappedOneToOneBecause());
    functions.withoutExtendedSpace("00:14.0", 0x342e);
    assertNull(
        IsochronousAudio.of(functions.build(), TrustRule.BELOW_EXTERNAL_PORT)
            .mappedOneToOneBecause());
  }

  @ParameterizedTest
  @CsvSource({
    "0x3403, 0x13, true",
    "0x3403, 0x14, false",
    "0x3403, 0x22, false",
    "0x3405, 0x22, true",
    "0x3406, 0x00, true",
    "0x3407, 0x00, false",
  })
  void someHostBridgesLoseRemappedInterrupts(String id, String revision, boolean broken) {
    PciFunctions functions =
        new PciFunctions()
            .intel("00:00.0", Integer.decode(id), HOST_BRIDGE, Integer.decode(revision));
    assertEquals(broken, InterruptErratum.brokenBecause(functions.build()) != null);
  }

  @Test
  void theEarlyScanFollowsBridgesButStopsAtAGapInASlot() {
    PciFunctions behindBridge =
        new PciFunctions().port("00:01.0", 5).intel("05:00.0", 0x3403, HOST_BRIDGE, 0);
    assertNotNull(InterruptErratum.brokenBecause(behindBridge.build()));
    PciFunctions behindGap =
        new PciFunctions().multifunctionPort("00:01.0", 5).intel("00:01.2", 0x3403, HOST_BRIDGE, 0);
    assertNull(InterruptErratum.brokenBecause(behindGap.build()));
    PciFunctions elsewhere = new PciFunctions().intel("80:00.0", 0x3403, HOST_BRIDGE, 0);
    assertNull(InterruptErratum.brokenBecause(elsewhere.build()));
  }
}
