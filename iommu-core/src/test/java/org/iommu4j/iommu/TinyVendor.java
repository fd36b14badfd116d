package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Reason;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.GroupChoice;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** A vendor that is as small as can be: it asks for ACS, logs lines, and puts all in one group. */
record TinyVendor(String name, boolean present, ImmutableList<String> lines, List<String> asked)
    implements IommuVendor {
  enum Why implements Reason {
    ABSENT;

    @Override
    public String words() {
      return "it is somewhere else";
    }
  }

  static TinyVendor there(String... lines) {
    return new TinyVendor("Tiny", true, ImmutableList.copyOf(lines), new ArrayList<>());
  }

  static TinyVendor absent(String name) {
    return new TinyVendor(name, false, ImmutableList.of(), new ArrayList<>());
  }

  private static Decision decision(String outcome) {
    return Decision.of(new Rule("tiny"), outcome, "TinyVendor", Why.ABSENT.words());
  }

  @Override
  public ImmutableList<String> logPrefixes() {
    return ImmutableList.of("TINY: ");
  }

  @Override
  public Optional<IommuBoot> begin(BootContext context) {
    lines.forEach(context::log);
    return Optional.of(new Boot(this));
  }

  private record Boot(TinyVendor vendor) implements IommuBoot {
    @Override
    public Detection detect() {
      return vendor.present
          ? new Detection.Found(decision("found"))
          : new Off(Why.ABSENT, decision("absent"));
    }

    @Override
    public boolean asksForAcs(CommandLine line, KernelParameters parameters) {
      vendor.asked.add(line.text());
      return true;
    }

    @Override
    public Initialization initialize(DomainType defaultType) {
      return new Initialization.Enabled(new Probe(), defaultType, Optional.empty(), decision("on"));
    }
  }

  private record Probe() implements IommuProbe {
    @Override
    public boolean isStrict() {
      return false;
    }

    @Override
    public Coverage coverage(PciDevice device) {
      return new Coverage("tiny0", decision("covered"));
    }

    @Override
    public GroupChoice group(
        PciDevice device, GroupPolicy pci, Function<PciDevice, OptionalInt> groups) {
      return new GroupChoice(OptionalInt.of(0), ImmutableList.of(), decision("the only group"));
    }

    @Override
    public OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType) {
      return new OpsChoice(null, decision("NULL"));
    }

    @Override
    public IommuDriver start() {
      throw new IllegalStateException("a boot only decides");
    }
  }
}
