package org.iommu4j.citations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.iommu4j.base.Release;
import org.iommu4j.base.Since;
import org.iommu4j.base.trace.KernelCall;
import org.iommu4j.base.trace.KernelSource;
import org.iommu4j.base.trace.TracedCall;
import org.iommu4j.base.trace.Tracepoints;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.evidence.path.MappingTracer;
import org.iommu4j.evidence.path.TracedMapping;
import org.iommu4j.evidence.path.TracedMapping.Request;
import org.iommu4j.iommu.BootReport;
import org.iommu4j.iommu.BootReport.DeviceReport;
import org.iommu4j.iommu.CommandLineVerdicts;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.params.WordVerdict;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.BuildConfigs;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineReader;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vfio.assign.AssignPolicy;
import org.iommu4j.vfio.assign.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a release's answers cite is there in that release's kernel. */
final class CitationsTest {
  private static final KernelFunctions FUNCTIONS = KernelFunctions.read();
  private static final Splitter CITATIONS = Splitter.on(", ");

  /** A citation in a source of Java, in a literal. */
  private static final Pattern LITERAL =
      Pattern.compile("\"(?:[\\d.]+ )?((?:[\\w-]+/)+[\\w-]+\\.[ch]:\\w+)\"");

  private static final ImmutableList<String> LINES =
      ImmutableList.of(
          "intel_iommu=on iommu=pt",
          "intel_iommu=on,strict,igfx_off,sm_on,sp_off,nobounce,forcedac,tboot_noforce,bogus",
          "intel_iommu=off iommu=off swiotlb=force amd_iommu=off",
          "iommu=soft,nomerge,memaper=3,noaperture,allowdac iommu.strict=1 iommu.passthrough=0",
          "intremap=off,nosid,no_x2apic_optout nointremap noapic swiotlb=4096,2,noforce",
          "pci=noats,disable_acs_redir=pci:0:0,nomsi,off,earlydump iommu.forcedac=1 acpi=off",
          "vfio-pci.ids=8086:10d3 vfio_iommu_type1.allow_unsafe_interrupts=1 dma_debug=off cma=64M"
              + " coherent_pool=1M pcie_acs_override=downstream efi=disable_early_pci_dma");

  static ImmutableList<KernelRules> releases() {
    return KernelReleases.all();
  }

  private static Path top() {
    Path top = Path.of("").toAbsolutePath();
    while (!Files.exists(top.resolve("ARCHITECTURE.md"))) {
      top = Objects.requireNonNull(top.getParent(), "the project's directory");
    }
    return top;
  }

  private static Machine machine(String name) {
    return MachineReader.read(top().resolve("machines/" + name + ".tar.gz"));
  }

  private static List<Machine> machines() {
    return Lists.transform(
        List.of("laptop-thunderbolt", "server-switch", "desktop-usb-rmrr"), CitationsTest::machine);
  }

  private static void assertThere(KernelRules rules, Collection<String> cited) {
    String release = rules.release().series();
    assertFalse(cited.isEmpty());
    TreeSet<String> wrong = new TreeSet<>();
    for (String citation : cited) {
      for (String one : CITATIONS.split(citation)) {
        if (one.contains(":") ? !FUNCTIONS.has(release, one) : !FUNCTIONS.hasFile(one)) {
          wrong.add(one);
        }
      }
    }
    assertEquals(new TreeSet<>(), wrong, () -> "is not in Linux " + release);
  }

  // Vendors of tests cite themselves.
  private static void add(Collection<String> cited, Iterable<Decision> decisions) {
    decisions.forEach(decision -> cited.add(decision.source()));
    cited.removeIf(source -> !source.contains("/"));
  }

  @Test
  void theModelledReleasesAreThoseThatWereRead() {
    assertEquals(
        Lists.transform(releases(), rules -> rules.release().series()), FUNCTIONS.releases());
  }

  @ParameterizedTest
  @MethodSource("releases")
  void everyDecisionCitesItsOwnKernel(KernelRules rules) {
    TreeSet<String> cited = new TreeSet<>();
    for (Machine machine : machines()) {
      for (String line : LINES) {
        Machine booted =
            machine.withKernel(rules.release()).withCommandLine(CommandLine.parse(line));
        BootReport report = LinuxSystem.boot(booted).report();
        add(cited, report.decisions());
        for (DeviceReport device : report.devices()) {
          add(cited, device.decisions());
        }
      }
    }
    assertThere(rules, cited);
  }

  @ParameterizedTest
  @MethodSource("releases")
  void everyFindingOnAssignmentCitesItsOwnKernel(KernelRules rules) {
    TreeSet<String> cited = new TreeSet<>();
    for (Machine machine : machines()) {
      Machine booted = machine.withKernel(rules.release());
      BootReport report = LinuxSystem.boot(booted).report();
      for (DeviceReport device : report.devices()) {
        for (Finding finding : AssignPolicy.decide(booted, report, device.address()).findings()) {
          add(cited, finding.decisions());
        }
      }
    }
    assertThere(rules, cited);
  }

  @ParameterizedTest
  @MethodSource("releases")
  void everyVerdictOnAWordCitesItsOwnKernel(KernelRules rules) {
    KernelConfig config = BuildConfigs.debian(rules.release());
    TreeSet<String> cited = new TreeSet<>();
    for (String line : LINES) {
      for (WordVerdict verdict :
          CommandLineVerdicts.of(
              CommandLine.parse(line),
              config,
              rules,
              Lists.transform(LinuxSystem.vendors(), IommuVendor::parameters))) {
        cited.add(verdict.source());
      }
    }
    cited.removeIf(source -> !source.contains("/"));
    assertThere(rules, cited);
  }

  @ParameterizedTest
  @MethodSource("releases")
  void everyStepOfAMappingIsOneOfItsOwnKernel(KernelRules rules) {
    TreeSet<String> cited = new TreeSet<>();
    for (String line :
        List.of("intel_iommu=on", "intel_iommu=on,strict", "intel_iommu=off", "swiotlb=force")) {
      Machine machine =
          machine("laptop-thunderbolt")
              .withKernel(rules.release())
              .withCommandLine(CommandLine.parse(line));
      for (String address : List.of("0000:00:1f.2", "0000:04:00.0")) {
        PciAddress function = PciAddress.parse(address).orElseThrow();
        TracedMapping traced =
            new MappingTracer(machine, function)
                .trace(new Request(64, 1500, DmaDirection.FROM_DEVICE, 64));
        Stream.of(traced.map(), traced.unmap(), traced.flush())
            .forEach(calls -> calls.forEach(call -> addSteps(cited, call)));
      }
    }
    assertThere(rules, cited);
  }

  private static void addSteps(Collection<String> cited, TracedCall call) {
    cited.add(call.file() + ":" + call.function());
    call.calls().forEach(inner -> addSteps(cited, inner));
  }

  @Test
  void aTracepointsNamesAreThereFromTheirReleasesOn() {
    List<String> wrong = new ArrayList<>();
    for (Tracepoints module : ServiceLoader.load(Tracepoints.class)) {
      for (Class<? extends KernelCall> call : module.calls()) {
        KernelSource source = call.getAnnotation(KernelSource.class);
        if (!FUNCTIONS.hasAnywhere(source.value())) {
          wrong.add(source.value());
        }
        for (String later : source.later()) {
          int blank = later.indexOf(' ');
          Since since = Since.of(later.substring(0, blank));
          String name = later.substring(blank + 1).replace("{target}", "cpu");
          String first =
              releases().stream()
                  .map(KernelRules::release)
                  .filter(since::contains)
                  .map(Release::series)
                  .findFirst()
                  .orElseThrow();
          if (!FUNCTIONS.has(first, name)) {
            wrong.add(later);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void everyLiteralIsThereInSomeKernel() throws IOException {
    TreeSet<String> wrong = new TreeSet<>();
    Path top = top();
    try (Stream<Path> files = Files.walk(top)) {
      for (Path file :
          files
              .filter(path -> path.toString().contains("/src/main/java/"))
              .filter(path -> path.toString().endsWith(".java"))
              .toList()) {
        LITERAL
            .matcher(Files.readString(file))
            .results()
            .map(found -> found.group(1))
            .filter(citation -> !FUNCTIONS.hasAnywhere(citation))
            .forEach(wrong::add);
      }
    }
    assertEquals(new TreeSet<>(), wrong);
    assertTrue(FUNCTIONS.hasAnywhere("drivers/iommu/iommu.c:pci_device_group"));
  }
}
