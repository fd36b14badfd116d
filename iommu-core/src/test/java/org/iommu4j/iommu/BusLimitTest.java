package org.iommu4j.iommu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.api.Test;

class BusLimitTest {
  private static LinuxSystem boot(String commandLine) {
    return LinuxSystem.boot(
        Machine.builder("via")
            .commandLine(CommandLine.parse(commandLine))
            .pci(
                new TopologyBuilder()
                    .add("00:01.0", ConfigSpaces.of(0x1106, 0xb188).bridge(1, 1))
                    .add("01:00.0", ConfigSpaces.plain())
                    .build())
            .build());
  }

  private static long limit(LinuxSystem system, String address) {
    return system.device(TopologyBuilder.address(address)).orElseThrow().busDmaLimit();
  }

  @Test
  void whatIsBehindABridgeByViaStaysBelow4Gib() {
    LinuxSystem system = boot("");
    assertEquals(0, limit(system, "00:01.0"), "the bridge itself");
    assertEquals(0xffff_ffffL, limit(system, "01:00.0"));
    assertEquals(
        List.of("pci 0000:00:01.0: disabling DAC on VIA PCI bridge"),
        system.report().log().stream().filter(line -> line.startsWith("pci ")).toList());
    assertEquals(
        List.of("bus-dma-limit"),
        system
            .report()
            .device(TopologyBuilder.address("01:00.0"))
            .orElseThrow()
            .decisions()
            .stream()
            .map(decision -> decision.rule().name())
            .toList());
  }

  @Test
  void usedacTrustsTheBridge() {
    LinuxSystem system = boot("iommu=usedac");
    assertEquals(0, limit(system, "01:00.0"));
    assertEquals(
        List.of(), system.report().log().stream().filter(line -> line.startsWith("pci ")).toList());
  }
}
