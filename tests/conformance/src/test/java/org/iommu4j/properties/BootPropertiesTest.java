package org.iommu4j.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.BootReport.GroupReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.FirmwareTable;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;

/** What holds for every boot, whatever the machine. */
final class BootPropertiesTest {
  private static final KernelConfig CONFIG =
      KernelConfig.parse(
          """
          CONFIG_INTEL_IOMMU=y
          CONFIG_INTEL_IOMMU_SVM=y
          CONFIG_INTEL_IOMMU_DEFAULT_ON=y
          CONFIG_INTEL_IOMMU_FLOPPY_WA=y
          CONFIG_SWIOTLB=y
          """);

  @Property(tries = 300)
  void anyBytesAsDmarTableEndInAReport(@ForAll @Size(max = 120) List<Byte> tail) {
    byte[] bytes = new byte[48 + tail.size()];
    byte[] head = table().bytes();
    System.arraycopy(head, 0, bytes, 0, 48);
    for (int i = 0; i < tail.size(); i++) {
      bytes[48 + i] = tail.get(i);
    }
    bytes[4] = (byte) bytes.length;
    BootReport report =
        boot(ImmutableList.of(endpoint("00:03.0")), new FirmwareTable("DMAR", "t", bytes), "");
    assertEquals(1, report.devices().size());
  }

  @Property(tries = 300)
  void anyBytesAsConfigSpaceEndInAReport(
      @ForAll("addresses") Set<PciAddress> addresses, @ForAll @Size(max = 300) List<Byte> bytes) {
    byte[] space = new byte[bytes.size()];
    for (int i = 0; i < space.length; i++) {
      space[i] = bytes.get(i);
    }
    List<PciFunctionFacts> functions = new ArrayList<>();
    for (PciAddress address : addresses) {
      functions.add(PciFunctionFacts.ofConfig(address, ConfigSpace.of(space)));
    }
    BootReport report = boot(functions, table(), "intel_iommu=on");
    assertEquals(addresses.size(), report.devices().size());
    groupsPartitionTheDevices(report);
  }

  @Property(tries = 200)
  void groupsPartitionTheDevicesOfAnyTree(@ForAll("trees") List<PciFunctionFacts> functions) {
    groupsPartitionTheDevices(boot(functions, table(), "intel_iommu=on"));
  }

  @Property(tries = 200)
  void anUntrustedDeviceNeverEndsInAnIdentityDomain(
      @ForAll("trees") List<PciFunctionFacts> functions, @ForAll("lines") String line) {
    List<PciFunctionFacts> marked =
        functions.stream().map(function -> function.withExternalFacing(true)).toList();
    for (DeviceReport device : boot(marked, table(), line).devices()) {
      if (device.untrusted() && alone(device, boot(marked, table(), line))) {
        assertNotEquals(DomainType.IDENTITY, device.domainType(), device.toString());
      }
    }
  }

  @Property(tries = 200)
  void aDeviceHasADomainAndAGroupOrNeither(
      @ForAll("trees") List<PciFunctionFacts> functions, @ForAll("lines") String line) {
    for (DeviceReport device : boot(functions, table(), line).devices()) {
      if (device.group() == null) {
        assertNull(device.domainType());
        assertNull(device.dmaOps());
      } else {
        assertNotNull(device.domainType());
      }
    }
  }

  @Property(tries = 100)
  void bootingTwiceGivesTheSameReport(
      @ForAll("trees") List<PciFunctionFacts> functions, @ForAll("lines") String line) {
    assertEquals(boot(functions, table(), line), boot(functions, table(), line));
  }

  // A group with members that demand different types falls back to the default.
  private static boolean alone(DeviceReport device, BootReport report) {
    return report.groups().stream()
        .anyMatch(
            group -> group.devices().contains(device.address()) && group.devices().size() == 1);
  }

  private static void groupsPartitionTheDevices(BootReport report) {
    Set<PciAddress> seen = new HashSet<>();
    for (GroupReport group : report.groups()) {
      for (PciAddress member : group.devices()) {
        assertTrue(seen.add(member), () -> member + " is in two groups");
        assertEquals(group.id(), report.device(member).orElseThrow().group());
      }
    }
    for (DeviceReport device : report.devices()) {
      assertEquals(device.group() != null, seen.contains(device.address()));
    }
  }

  private static BootReport boot(
      List<PciFunctionFacts> functions, FirmwareTable table, String line) {
    Machine machine =
        Machine.builder("generated")
            .commandLine(CommandLine.parse(line))
            .config(CONFIG)
            .firmwareTable(table)
            .pci(PciTopology.of(functions))
            .build();
    return LinuxSystem.boot(machine).report();
  }

  private static FirmwareTable table() {
    byte[] bytes =
        new DmarBuilder().add(new Drhd(1, 0, 0, 0xfed90000L, ImmutableList.of())).build();
    return new FirmwareTable("DMAR", "generated", bytes);
  }

  private static PciFunctionFacts endpoint(String address) {
    return PciFunctionFacts.ofConfig(
        PciAddress.parse(address).orElseThrow(), ConfigSpace.of(new byte[256]));
  }

  @Provide
  Arbitrary<Set<PciAddress>> addresses() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 31),
            Arbitraries.integers().between(0, 7))
        .as((bus, device, function) -> new PciAddress(0, bus, device, function))
        .set()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Provide
  Arbitrary<String> lines() {
    return Arbitraries.of(
        "",
        "intel_iommu=on",
        "intel_iommu=off",
        "iommu=pt",
        "intel_iommu=on iommu=pt",
        "intel_iommu=on,igfx_off iommu.passthrough=1",
        "intel_iommu=on,nobounce iommu=pt",
        "iommu=soft",
        "iommu=off");
  }

  @Provide
  Arbitrary<List<PciFunctionFacts>> trees() {
    return Arbitraries.randomValue(TreeOfFunctions::generate);
  }
}
