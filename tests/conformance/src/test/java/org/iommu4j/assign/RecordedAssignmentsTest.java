package org.iommu4j.assign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.iommu4j.iommu.BootOptions;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.machine.AddressRange;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineParts;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.MemoryMap;
import org.iommu4j.machine.pci.DriverBinding;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.vfio.assign.AssignPolicy;
import org.iommu4j.vfio.assign.Assignment;
import org.iommu4j.vfio.assign.Finding;
import org.iommu4j.vfio.assign.Finding.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordedAssignmentsTest {
  private static Path captures(String set) {
    URL url = RecordedAssignmentsTest.class.getResource("/captures/" + set);
    try {
      return Path.of(Objects.requireNonNull(url, "the captures lie on the class path").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Machine machine(String name) {
    return MachineReader.read(captures("5.10").resolve(name + ".tar.gz"));
  }

  private static Assignment assign(Machine machine, String bdf) {
    BootReport report = LinuxSystem.boot(machine).report();
    return AssignPolicy.decide(machine, report, PciAddress.parse(bdf).orElseThrow());
  }

  private static Assignment assign(String name, String bdf) {
    return assign(machine(name), bdf);
  }

  private static Assignment assign(String name, String line, String bdf) {
    return assign(machine(name).withCommandLine(CommandLine.parse(line)), bdf);
  }

  /** Returns the machine with a driver for each of these functions, and none for the others. */
  private static Machine drivers(Machine machine, String... bdfAndDriver) {
    List<String> given = List.of(bdfAndDriver);
    ImmutableList<PciFunctionFacts> functions =
        machine.pci().devices().stream()
            .map(PciDevice::facts)
            .map(facts -> facts.withDriver(driver(given, facts.address().toString())))
            .collect(ImmutableList.toImmutableList());
    var builder = Machine.builder(machine.name());
    builder.commandLine(machine.commandLine()).config(machine.config()).memory(machine.memory());
    builder.pci(PciTopology.of(functions));
    machine.firmwareTables().values().forEach(builder::firmwareTable);
    machine.units().values().forEach(builder::unit);
    return builder.build();
  }

  private static Machine with(Machine machine, MemoryMap memory) {
    var builder = Machine.builder(machine.name());
    builder.commandLine(machine.commandLine()).config(machine.config()).memory(memory);
    builder.pci(machine.pci());
    machine.firmwareTables().values().forEach(builder::firmwareTable);
    machine.units().values().forEach(builder::unit);
    return builder.build();
  }

  private static DriverBinding driver(List<String> given, String address) {
    int at = given.indexOf(address);
    return at < 0 ? DriverBinding.NONE : DriverBinding.to(given.get(at + 1));
  }

  private static String obstacles(Assignment assignment) {
    return text(assignment, Kind.OBSTACLE);
  }

  private static String text(Assignment assignment, Kind kind) {
    return assignment.of(kind).stream()
        .map(finding -> finding.text() + " => " + finding.fixes())
        .collect(Collectors.joining("\n"));
  }

  private static void assertContains(String part, String text) {
    assertTrue(text.contains(part), text);
  }

  @Test
  void aCardWithAGroupOfItsOwnCanGo() {
    Assignment assignment = assign("flat-on", "0000:00:07.0");
    assertTrue(assignment.isPossible(), obstacles(assignment));
    assertContains("driverctl set-override 0000:00:07.0 vfio-pci", text(assignment, Kind.STEP));
    assertContains("vfio-pci.ids=", text(assignment, Kind.STEP));
  }

  @Test
  void anIdThatIsNotKnownBindsNothingFromBootOn(@TempDir Path directory) throws IOException {
    Path lspci = directory.resolve("lspci.txt");
    Files.writeString(
        lspci,
        """
        00:03.0 Ethernet controller: Intel Corporation 82574L
        00:05.0 Ethernet controller: Intel Corporation 82574L
        """);
    Machine machine = MachineParts.of("pasted").lspci(lspci).build();
    String steps = text(assign(machine, "0000:00:03.0"), Kind.STEP);
    assertContains("driverctl set-override 0000:00:03.0 vfio-pci", steps);
    assertFalse(steps.contains("vfio-pci.ids"), steps);
  }

  @Test
  void firmwaresMemoryKeepsACard() {
    Assignment assignment = assign("nic-rmrr", "0000:00:03.0");
    assertFalse(assignment.isPossible());
    assertContains("0000:00:03.0 Ethernet controller at all times (RMRR)", obstacles(assignment));
    assertContains("EPERM", obstacles(assignment));
    assertFalse(obstacles(assign("nic-rmrr", "0000:00:07.0")).contains("RMRR"));
  }

  @Test
  void laterReleasesMeetFirmwaresMemoryWhenTheGroupIsClaimed() {
    Machine machine = machine("nic-rmrr");
    assertContains(
        "claiming the group for a container fails with EPERM",
        obstacles(assignUnder("6.1", machine, "0000:00:03.0")));
    assertContains(
        "claiming the group for a container fails with EINVAL",
        obstacles(assignUnder("6.12", machine, "0000:00:03.0")));
  }

  @Test
  void theReleaseSaysWhichFunctionTellsOfInterrupts() {
    Machine machine =
        machine("flat-on").withCommandLine(CommandLine.parse("intel_iommu=on intremap=off"));
    assertEquals(
        "drivers/vfio/vfio_iommu_type1.c:vfio_iommu_type1_attach_group",
        interruptSource(assignUnder("6.1", machine, "0000:00:07.0")));
    assertEquals(
        "drivers/iommu/iommu.c:iommu_group_has_isolated_msi",
        interruptSource(assignUnder("6.12", machine, "0000:00:07.0")));
  }

  private static String interruptSource(Assignment assignment) {
    return assignment.of(Kind.OBSTACLE).stream()
        .filter(finding -> finding.text().startsWith("Interrupts are not remapped"))
        .map(finding -> finding.decisions().get(0).source())
        .collect(Collectors.joining());
  }

  private static Assignment assignUnder(String series, Machine machine, String bdf) {
    BootOptions options =
        BootOptions.defaults().withRules(KernelReleases.named(series).orElseThrow());
    BootReport report = LinuxSystem.boot(machine, options).report();
    return AssignPolicy.decide(machine, report, PciAddress.parse(bdf).orElseThrow());
  }

  @Test
  void firmwaresMemoryOfUsbIsRelaxableButItsFunctionsGoTogether() {
    Assignment assignment = assign("usb-rmrr", "0000:00:1d.7");
    assertFalse(obstacles(assignment).contains("RMRR"), obstacles(assignment));
    assertContains("handed out as a whole", obstacles(assignment));
    assertContains("0000:00:1d.0 USB controller (driver not known)", obstacles(assignment));
    assertContains("relaxable", text(assignment, Kind.NOTE));
    Machine free = drivers(machine("usb-rmrr"));
    assertFalse(obstacles(assign(free, "0000:00:1d.7")).contains("as a whole"));
    Machine half =
        drivers(machine("usb-rmrr"), "0000:00:1d.0", "uhci_hcd", "0000:00:1d.1", "vfio-pci");
    assertContains(
        "0000:00:1d.0 USB controller (driver uhci_hcd)", obstacles(assign(half, "00:1d.7")));
    assertFalse(obstacles(assign(half, "00:1d.7")).contains("0000:00:1d.1 USB"));
  }

  @Test
  void aRootComplexWithoutAUnitIsNoPlaceForAGuest() {
    Assignment assignment = assign("pxb-bypass", "0000:41:00.0");
    assertContains(
        "No IOMMU translates for 0000:41:00.0: no unit covers it", obstacles(assignment));
    assertContains("put it behind a root port that a unit covers", obstacles(assignment));
  }

  @Test
  void bridgesOfTheGroupMayStay() {
    Machine machine =
        drivers(machine("switch-on"), "0000:02:00.0", "pcieport", "0000:03:00.0", "e1000e");
    Assignment assignment = assign(machine, "0000:03:00.0");
    assertTrue(assignment.isPossible(), obstacles(assignment));
    assertContains(
        "0000:02:00.0 PCI bridge is in the group and may stay", text(assignment, Kind.NOTE));
    assertContains("Take it from e1000e", text(assignment, Kind.STEP));
  }

  @Test
  void aBridgeItselfDoesNotGo() {
    Assignment assignment = assign("switch-on", "0000:02:00.0");
    assertContains("vfio-pci does not take it: 0000:02:00.0 is a bridge", obstacles(assignment));
    assertContains("hand out what is behind it: 0000:03:00.0", obstacles(assignment));
    assertEquals("", text(assignment, Kind.STEP));
  }

  @Test
  void thePlatformsOwnFunctionsStay() {
    assertContains("a part of the platform", obstacles(assign("flat-on", "0000:00:00.0")));
    assertContains("a part of the platform", obstacles(assign("flat-on", "0000:00:1f.0")));
  }

  @Test
  void functionsThatShareAGroupSayWhatWouldSplitIt() {
    Machine machine = drivers(machine("mf-on"), "0000:01:00.1", "edu");
    Assignment assignment = assign(machine, "0000:01:00.0");
    assertContains("0000:01:00.1 Unclassified device (driver edu)", obstacles(assignment));
    assertContains("only hardware with ACS splits the group", obstacles(assignment));
    assertContains("pcie_acs_override= is in no kernel", obstacles(assignment));
    Finding blocked = assignment.of(Kind.OBSTACLE).get(0);
    assertEquals("drivers/vfio/vfio.c:vfio_dev_viable", blocked.decisions().get(0).source());
    assertTrue(
        blocked.decisions().stream()
            .anyMatch(decision -> decision.rule().equals(GroupPolicy.RULE)));
  }

  @Test
  void anIommuThatIsOffSaysWhatTurnsItOnAndWhatWouldComeNext() {
    Assignment off = assign("flat-iommuoff", "0000:00:07.0");
    assertContains("The IOMMU is off: iommu=off", obstacles(off));
    assertContains("take iommu=off out of the kernel command line", obstacles(off));
    Assignment locked = assign("nic-rmrr", "intel_iommu=off", "0000:00:03.0");
    assertContains("take intel_iommu=off out", obstacles(locked));
    assertContains("(RMRR)", obstacles(locked));
  }

  @Test
  void anUntrustedCardCanGoAsWell() {
    assertTrue(assign("ext-on", "0000:01:00.0").isPossible());
  }

  @Test
  void withoutRemappedInterruptsOnlyAParameterHelps() {
    Assignment assignment = assign("flat-on", "intel_iommu=on intremap=off", "0000:00:07.0");
    assertContains("Interrupts are not remapped: the command line", obstacles(assignment));
    assertContains("take intremap=off out of the kernel command line", obstacles(assignment));
    assertContains("allow_unsafe_interrupts=1", obstacles(assignment));
    Assignment unsafe =
        assign(
            "flat-on",
            "intel_iommu=on intremap=off vfio-iommu-type1.allow_unsafe_interrupts=1",
            "0000:00:07.0");
    assertTrue(unsafe.isPossible(), obstacles(unsafe));
    assertContains("can raise any interrupt of the host", text(unsafe, Kind.WARNING));
    assertFalse(
        assign(
                "flat-on",
                "intel_iommu=on intremap=off vfio_iommu_type1.allow_unsafe_interrupts=0",
                "0000:00:07.0")
            .isPossible());
  }

  @Test
  void theOldWordForNoRemappingIsTakenOutToo() {
    Assignment assignment = assign("flat-on", "intel_iommu=on nointremap", "0000:00:07.0");
    assertContains("take nointremap out of the kernel command line", obstacles(assignment));
  }

  @Test
  void theLastWordOfAParameterCounts() {
    String flag = " vfio_iommu_type1.allow_unsafe_interrupts=";
    String line = "intel_iommu=on intremap=off" + flag + "1" + flag + "0";
    assertFalse(assign("flat-on", line, "0000:00:07.0").isPossible());
  }

  @Test
  void theMsiWindowIsLeftOutOfAGuestsMemory() {
    assertContains(
        "Guest-physical 0xfee00000 to 0xfeefffff (msi) cannot be mapped",
        text(assign("flat-on", "0000:00:07.0"), Kind.NOTE));
  }

  @Test
  void theWidthOfTheUnitEndsAGuestsMemory() {
    BootReport report = LinuxSystem.boot(machine("flat-on")).report();
    assertEquals(
        39, report.device(PciAddress.parse("00:07.0").orElseThrow()).orElseThrow().addressBits());
    assertContains(
        "Guest-physical 0x8000000000 (512 GiB) and above cannot be mapped, as the IOMMU translates"
            + " 39 bits of an address",
        text(assign("flat-on", "0000:00:07.0"), Kind.NOTE));
  }

  @Test
  void aWideBarAboveTheUnitsWidthWorksButIsOutOfReach() {
    String notes = text(assign("flat-on", "0000:00:06.0"), Kind.NOTE);
    assertContains("Its 64-bit BAR may be put there by the guest's firmware", notes);
    assertContains("-cpu host,host-phys-bits-limit=39", notes);
    assertFalse(text(assign("flat-on", "0000:00:05.0"), Kind.NOTE).contains("64-bit BAR"));
    assertFalse(text(assign("flat-aw48", "0000:00:06.0"), Kind.NOTE).contains("64-bit BAR"));
  }

  @Test
  void aWidthThatNobodyKnowsIsNotTold() {
    Machine known = machine("flat-on");
    var builder = Machine.builder(known.name());
    builder.commandLine(known.commandLine()).config(known.config()).memory(known.memory());
    builder.pci(known.pci());
    known.firmwareTables().values().forEach(builder::firmwareTable);
    String notes = text(assign(builder.build(), "0000:00:07.0"), Kind.NOTE);
    assertContains("How many bits of an address the IOMMU translates is not known", notes);
    assertFalse(notes.contains("as the IOMMU translates"), notes);
  }

  @Test
  void aHostWithMoreMemoryThanTheUnitReachesIsWarned() {
    AddressRange low = new AddressRange(0, 0x7fff_ffffL, MemoryMap.SYSTEM_RAM);
    AddressRange high = new AddressRange(1L << 32, (1L << 39) + 0xfff, MemoryMap.SYSTEM_RAM);
    MemoryMap large = MemoryMap.of(List.of(low, high));
    Machine machine = with(machine("flat-on"), large);
    Assignment assignment = assign(machine, "0000:00:07.0");
    assertContains("(512 GiB) and above", text(assignment, Kind.WARNING));
  }

  @Test
  void withoutATableNoParameterHelps() {
    Assignment assignment = assign("flat-noiommu", "0000:00:07.0");
    assertContains("no DMAR table", obstacles(assignment));
    assertContains("firmware's setup", obstacles(assignment));
  }

  @Test
  void everyFunctionOfEveryRecordedMachineGetsAVerdictWithItsRules() throws IOException {
    try (Stream<Path> files = Files.list(captures("5.10"))) {
      for (Path file : files.sorted().toList()) {
        Machine machine = MachineReader.read(file);
        BootReport report = LinuxSystem.boot(machine).report();
        for (PciDevice device : machine.pci().devices()) {
          Assignment assignment = AssignPolicy.decide(machine, report, device.address());
          for (Finding finding : assignment.findings()) {
            assertFalse(finding.decisions().isEmpty(), finding::toString);
            finding.decisions().forEach(d -> assertContains(".c:", d.source()));
          }
          boolean bridge = device.headerType() != 0;
          assertFalse(bridge && assignment.isPossible(), file + " " + device);
        }
      }
    }
  }
}
