package org.iommu4j.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.iommu4j.base.Release;
import org.iommu4j.dma.BusMaster;
import org.iommu4j.dma.Device;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.DefaultDomainRules;
import org.iommu4j.iommu.policy.DefaultDomainRules.Agreement;
import org.iommu4j.iommu.policy.params.ParameterRules;
import org.iommu4j.iommu.policy.params.WordRule;
import org.iommu4j.iommu.policy.params.WordTable;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.release.Linux510;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.testkit.KitMachine;
import org.iommu4j.vfio.Vfio;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.kit.IntelFixture;
import org.iommu4j.vtd.release.Vtd510;
import org.iommu4j.vtd.release.VtdRules;
import org.junit.jupiter.api.Test;

/**
 * A release that nobody has made: Linux 5.10 but for one number, one algorithm and one word at a
 * time. Nothing outside of this class knows of it, and it boots, decides and maps by its own rules.
 */
class InventedReleaseTest {
  private static final IntelFixture INTEL = IntelFixture.STRICT_QUEUE;
  private static final Release RELEASE = Release.of(5, 99, 0);
  private static final long PAGE = 4096;
  private static final long BUFFER = 0x100_0000;

  /** Who knows 5.10's Intel driver finds it in the rules: of 5.99 nobody else knows one. */
  private static final KernelRules INVENTED =
      Linux510.RULES.withRelease(RELEASE).with(VtdRules.class, Vtd510.RULES);

  /** The number: magazines of two ranges. */
  private static final KernelRules SMALL_MAGAZINES =
      INVENTED.withIova(INVENTED.iova().withMagazineRanges(2));

  /** The algorithm: the highest gap is taken, wherever the last range went. */
  private static final KernelRules HIGHEST_GAP =
      INVENTED.withIova(
          INVENTED
              .iova()
              .withGapSearch(
                  (gaps, lastPlaced, endPfn, sizePages, sizeAligned) ->
                      gaps.highest(gaps.anchor(), endPfn, sizePages, sizeAligned)));

  /** The word: another one for passthrough. */
  private static final KernelRules OTHER_WORD = INVENTED.withParameters(withWord("through"));

  private static ParameterRules withWord(String word) {
    ParameterRules old = Linux510.RULES.parameters();
    WordRule passthrough = old.iommu().find("pt").orElseThrow();
    WordRule renamed =
        WordRule.startsWith(word, passthrough.effect())
            .set("iommu_def_domain_type", DomainType.IDENTITY.name());
    WordTable table =
        new WordTable(old.iommu().parameter(), "invented.c:setup", ImmutableList.of(renamed));
    return new ParameterRules(
        table,
        old.strict(),
        old.forceDac(),
        old.intremap(),
        old.swiotlb(),
        old.pci(),
        old.truthIsT(),
        old.known());
  }

  private static Machine machine(String words) {
    MachineBuilder builder = KitMachine.builder(INTEL.commandLine() + words);
    INTEL.mark(builder);
    return builder.build();
  }

  private static LinuxSystem boot(KernelRules rules, String words) {
    BootOptions options =
        BootOptions.defaults().withVendors(ImmutableList.of(INTEL.vendor())).withRules(rules);
    return LinuxSystem.boot(machine(words), options);
  }

  /** A driver's calls for one device. */
  private static final class Driver {
    private final LinuxSystem system;
    private final DmaMapping dma;
    private final Device device;

    Driver(KernelRules rules) {
      system = boot(rules, "");
      dma = system.dma();
      device = system.device(KitMachine.DEVICE).orElseThrow();
    }

    long map(int page) {
      long phys = BUFFER + page * PAGE;
      return dma.mapSingle(device, phys, PAGE, DmaDirection.BIDIRECTIONAL, 0);
    }

    List<Long> map(int first, int count) {
      List<Long> addresses = new ArrayList<>();
      for (int page = first; page < first + count; page++) {
        addresses.add(map(page));
      }
      return addresses;
    }

    void unmap(List<Long> addresses) {
      addresses.forEach(
          address -> dma.unmapSingle(device, address, PAGE, DmaDirection.BIDIRECTIONAL, 0));
    }
  }

  @Test
  void theReleaseIsFoundThroughTheBoot() {
    LinuxSystem system = boot(INVENTED, "");
    assertEquals(RELEASE, system.rules().release());
    assertEquals(RELEASE, system.report().release());
    assertEquals(INVENTED, system.services().rules());
    assertEquals(Linux510.RELEASE, boot(Linux510.RULES, "").report().release());
  }

  @Test
  void itsMagazinesDecideWhichAddressComesBackFirst() {
    Driver old = new Driver(Linux510.RULES);
    List<Long> then = old.map(0, 5);
    old.unmap(then);
    List<Long> lastInFirstOut =
        List.of(then.get(4), then.get(3), then.get(2), then.get(1), then.get(0));
    assertEquals(lastInFirstOut, old.map(0, 5));

    Driver invented = new Driver(SMALL_MAGAZINES);
    List<Long> now = invented.map(0, 5);
    assertEquals(then, now, "the tree hands out the same");
    invented.unmap(now);
    List<Long> byMagazines = List.of(now.get(4), now.get(1), now.get(0), now.get(3), now.get(2));
    assertEquals(byMagazines, invented.map(0, 5));
  }

  private static List<Long> afterALowMapping(KernelRules rules) {
    Driver driver = new Driver(rules);
    List<Long> addresses = new ArrayList<>(driver.map(0, 1));
    driver.dma.setMask(driver.device, DmaMapping.bitMask(24));
    addresses.add(driver.map(1));
    driver.dma.setMask(driver.device, DmaMapping.bitMask(64));
    addresses.add(driver.map(2));
    return addresses;
  }

  @Test
  void itsSearchFindsTheGapsThatTheOldOneDoesNotSee() {
    List<Long> then = afterALowMapping(Linux510.RULES);
    List<Long> now = afterALowMapping(HIGHEST_GAP);
    assertEquals(then.subList(0, 2), now.subList(0, 2));
    assertEquals(then.get(1) - PAGE, then.get(2), "below the last one");
    assertEquals(now.get(0) - PAGE, now.get(2), "below the highest one");
  }

  private static DeviceReport decided(KernelRules rules, String words) {
    return boot(rules, words).report().device(KitMachine.DEVICE).orElseThrow();
  }

  @Test
  void itsWordDecides() {
    String word = " iommu=through";
    assertEquals("intel_dma_ops", decided(Linux510.RULES, word).dmaOps());
    assertEquals(DomainType.DMA, decided(Linux510.RULES, word).domainType());
    assertNull(decided(OTHER_WORD, word).dmaOps());
    assertEquals(DomainType.IDENTITY, decided(OTHER_WORD, word).domainType());
    assertEquals(DomainType.IDENTITY, decided(Linux510.RULES, " iommu=pt").domainType());
    assertEquals(DomainType.DMA, decided(OTHER_WORD, " iommu=pt").domainType());

    Machine machine = machine(word);
    List<Verdict> verdicts = new ArrayList<>();
    for (KernelRules rules : List.of(Linux510.RULES, OTHER_WORD)) {
      CommandLineVerdicts.of(machine.commandLine(), machine.config(), rules, List.of()).stream()
          .filter(verdict -> verdict.qualified().equals("iommu=through"))
          .forEach(verdict -> verdicts.add(verdict.verdict()));
    }
    assertEquals(List.of(Verdict.UNKNOWN, Verdict.HONOURED), verdicts);
  }

  @Test
  void itsLogSaysWhatItsRulesSay() {
    KernelRules rules =
        INVENTED.withDefaultDomain(
            new DefaultDomainRules(
                Linux510.RULES.domainTypes(),
                "iommu: Usually %s",
                null,
                false,
                Agreement.CANCEL,
                false));
    assertTrue(
        boot(Linux510.RULES, "")
            .report()
            .log()
            .contains("iommu: Default domain type: Translated "));
    List<String> log = boot(rules, "").report().log();
    assertTrue(log.contains("iommu: Usually Translated"), log::toString);
    assertFalse(log.contains("iommu: Default domain type: Translated "));
  }

  private static List<String> fault(KernelRules rules) {
    LinuxSystem system = boot(rules, "");
    BusMaster bus = system.busMaster(KitMachine.DEVICE).orElseThrow();
    system.takeLog();
    bus.read(0x2000, new byte[1], 0, 1);
    return system.takeLog();
  }

  @Test
  void itsDriverTellsOfFaultsInItsOwnWords() {
    DriverRules driver =
        Vtd510.RULES
            .driver()
            .withFaults(record -> String.format("DMAR: refused 0x%x", record.pageIova()));
    KernelRules rules =
        INVENTED.with(
            VtdRules.class, new VtdRules(Vtd510.RULES.policy(), driver, Vtd510.RULES.dma()));
    String then =
        "DMAR: [DMA Read] Request device [00:03.0] PASID ffffffff fault addr 2000"
            + " [fault reason 06] PTE Read access is not set";
    assertEquals(List.of("DMAR: DRHD: handling fault status reg 2", then), fault(Linux510.RULES));
    assertEquals(
        List.of("DMAR: DRHD: handling fault status reg 2", "DMAR: refused 0x2000"), fault(rules));
  }

  @Test
  void whatNobodyKnowsOfTheReleaseIsRefusedInWords() {
    KernelRules nobodyKnows = Linux510.RULES.withRelease(RELEASE);
    String intel =
        assertThrows(IllegalArgumentException.class, () -> boot(nobodyKnows, "")).getMessage();
    assertEquals("VT-d is not known as Linux 5.99.0 has it", intel);
    LinuxSystem system = boot(INVENTED, "");
    String vfio =
        assertThrows(IllegalArgumentException.class, () -> new Vfio(machine(""), system))
            .getMessage();
    assertEquals("VFIO is known as Linux 5.10, 6.1 and 6.12 have it, and not as 5.99.0", vfio);
  }
}
