package org.iommu4j.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.policy.SwiotlbPolicy.SearchEnd;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineBuilder;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

/** What the core makes of what vendors hand in. */
class VendorsTest {
  /** A vendor of which there is a name and nothing else. */
  private record Unmodelled(String name) implements IommuVendor {
    @Override
    public Optional<IommuBoot> begin(BootContext context) {
      return Optional.empty();
    }
  }

  private static MachineBuilder machine(String commandLine) {
    return Machine.builder("test")
        .commandLine(CommandLine.parse(commandLine))
        .pci(
            new TopologyBuilder()
                .add("00:01.0", ConfigSpaces.plain())
                .add("00:02.0", ConfigSpaces.plain())
                .build());
  }

  private static BootReport boot(String commandLine, IommuVendor... vendors) {
    return LinuxSystem.boot(machine(commandLine).build(), List.of(vendors)).report();
  }

  @Test
  void linesWithAVendorsPrefixAreKeptAndSoAreThoseThatBeginAsTheCoresDo() {
    List<String> lines = List.of("TINY: here", "iommu: there", "pci 0000:00:01.0: TINY: found");
    BootReport report = boot("", TinyVendor.there(lines.toArray(String[]::new)));
    assertEquals(lines, report.log().subList(0, lines.size()));
  }

  @Test
  void aLineWithAPrefixThatWasNotHandedInIsAnError() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class, () -> boot("", TinyVendor.there("HUGE: here")));
    assertEquals(
        "Tiny logs a line that begins with none of its prefixes: HUGE: here", error.getMessage());
  }

  @Test
  void logsAreSearchedForThePrefixesOfTheCoreAndOfTheVendors() {
    assertEquals(
        List.of("iommu: ", "PCI-DMA: ", "software IO TLB: ", "TINY: "),
        LogPrefixes.of(List.of(TinyVendor.there(), new Unmodelled("Mute"))));
  }

  @Test
  void aVendorWithoutADriverChangesNothing() {
    assertEquals(boot(""), boot("", new Unmodelled("First")));
    TinyVendor tiny = TinyVendor.absent("Tiny");
    assertEquals(boot("", tiny), boot("", new Unmodelled("First"), tiny));
  }

  @Test
  void whyNothingTranslatesIsAValue() {
    assertNull(boot("").iommu().off(), "nobody is there to say why");
    BootReport report = boot("", TinyVendor.absent("One"), TinyVendor.absent("Other"));
    assertEquals(TinyVendor.Why.ABSENT, Objects.requireNonNull(report.iommu().off()).why());
    assertTrue(report.decisions().contains(report.iommu().off().decision()));
    assertEquals(
        List.of("no IOMMU: it is somewhere else"),
        report.devices().stream().map(BootReport.DeviceReport::summary).distinct().toList());
  }

  @Test
  void aPoolThatWasAskedForEndsTheSearch() {
    BootReport report = boot("iommu=soft", TinyVendor.there());
    assertEquals(SearchEnd.SOFT, Objects.requireNonNull(report.iommu().off()).why());
    BootReport forced = boot("swiotlb=force", TinyVendor.there());
    assertEquals(SearchEnd.BOUNCE_ALWAYS, Objects.requireNonNull(forced.iommu().off()).why());
  }

  @Test
  void aVendorThatKnowsBetterPutsDevicesIntoItsGroups() {
    BootReport report = boot("", TinyVendor.there());
    assertNull(report.iommu().off());
    assertEquals(List.of(0), report.groups().stream().map(GroupReport::id).toList());
    assertEquals(2, report.groups().get(0).devices().size());
  }

  @Test
  void acsIsAskedForOnThisBootAndOnTheOneThatWasReadWithoutASecondBoot() {
    TinyVendor tiny = TinyVendor.there("TINY: here");
    Machine machine = machine("recorded").build();
    BootReport same = LinuxSystem.boot(machine, List.of(tiny)).report();
    assertEquals(List.of("recorded"), tiny.asked());
    Machine other = machine.withCommandLine(CommandLine.parse("other"));
    BootReport changed = LinuxSystem.boot(other, List.of(tiny)).report();
    assertEquals(List.of("recorded", "other", "recorded"), tiny.asked());
    assertEquals(same.log(), changed.log());
  }
}
