package org.iommu4j.cli;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.KernelReleases;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.BuildConfigs;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MachineParts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

/** Kernels that a user names. */
final class Kernels {
  private Kernels() {}

  /** Makes a release's rules of its name. */
  static final class Converter implements ITypeConverter<KernelRules> {
    @Override
    public KernelRules convert(String name) {
      return KernelReleases.named(name)
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "Linux " + name + " is not mirrored; " + names() + " are"));
    }
  }

  /** Returns the releases that are mirrored: {@code 5.10, 6.1 and 6.12}. */
  static String names() {
    ImmutableList<String> series =
        KernelReleases.all().stream()
            .map(rules -> rules.release().series())
            .collect(ImmutableList.toImmutableList());
    int last = series.size() - 1;
    return String.join(", ", series.subList(0, last)) + " and " + series.get(last);
  }

  /** Returns a machine with another kernel and another configuration, those that are given. */
  static Machine withKernel(
      @Nullable CommandSpec spec,
      Machine machine,
      @Nullable KernelRules kernel,
      @Nullable String config) {
    Machine booted = kernel == null ? machine : machine.withKernel(kernel.release());
    return config == null ? booted : booted.withConfig(config(spec, config, booted.kernel()));
  }

  /**
   * Returns the configuration of this name, or in this file.
   *
   * @param release the kernel that is built with it
   */
  static KernelConfig config(@Nullable CommandSpec spec, String text, Release release) {
    return BuildConfigs.find(text, release)
        .orElseGet(() -> MachineParts.of(text).config(Machines.path(spec, text)).build().config());
  }
}
