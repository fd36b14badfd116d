package org.iommu4j.iommu.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.Optional;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.machine.KernelConfig;

/**
 * Decides which domain type a device gets that has no wish of its own.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_subsys_init}.
 */
public final class DefaultDomainPolicy {
  /** The rule of every decision on the type of a default domain. */
  public static final Rule RULE = new Rule("default-domain-type");

  private static final String SOURCE = "drivers/iommu/iommu.c:iommu_subsys_init";
  private static final String OPTION = "CONFIG_IOMMU_DEFAULT_PASSTHROUGH";
  private static final String STRICT_OPTION = "CONFIG_IOMMU_DEFAULT_DMA_STRICT";
  private static final String SET = "(set via kernel command line)";

  private DefaultDomainPolicy() {}

  /**
   * The default domain type.
   *
   * @param type the type
   * @param setOnCommandLine whether the command line says it
   * @param log what the kernel logs, without time stamps
   * @param decision why
   */
  @Immutable
  public record DefaultDomain(
      DomainType type, boolean setOnCommandLine, ImmutableList<String> log, Decision decision) {}

  /**
   * Decides for a kernel.
   *
   * @param memoryEncryption whether memory encryption is active (SME or SEV)
   * @param vendorStrict whether a vendor's driver asks for unmapping that waits
   * @param rules what the release says of it
   */
  public static DefaultDomain decide(
      KernelParameters parameters,
      KernelConfig config,
      boolean memoryEncryption,
      boolean vendorStrict,
      DefaultDomainRules rules) {
    DefaultDomain usual = usual(parameters, config, memoryEncryption, rules);
    String format = rules.strictness();
    if (format == null || usual.type() == DomainType.IDENTITY) {
      return usual;
    }
    boolean strict = isStrict(parameters, config, vendorStrict);
    String suffix = parameters.commandLineStrict().isPresent() ? SET : "";
    DomainType type = strict ? DomainType.DMA : DomainType.DMA_FQ;
    return new DefaultDomain(
        type,
        usual.setOnCommandLine(),
        ImmutableList.<String>builder()
            .addAll(usual.log())
            .add(rules.announceStrictness(format, strict, suffix))
            .build(),
        usual.decision());
  }

  /**
   * Returns whether unmapping waits until the hardware has forgotten the mapping, in releases where
   * the core decides that.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_dma_setup}, {@code iommu_set_dma_strict}.
   *
   * @param vendorStrict whether a vendor's driver asks for it; it does after all early parameters
   */
  public static boolean isStrict(
      KernelParameters parameters, KernelConfig config, boolean vendorStrict) {
    return vendorStrict || parameters.commandLineStrict().orElse(config.isEnabled(STRICT_OPTION));
  }

  private static DefaultDomain usual(
      KernelParameters parameters,
      KernelConfig config,
      boolean memoryEncryption,
      DefaultDomainRules rules) {
    Optional<DomainType> said = parameters.commandLineDomainType();
    ImmutableList.Builder<String> log = ImmutableList.builder();
    DomainType type;
    String because;
    if (said.isPresent()) {
      type = said.get();
      because = "the command line says so";
    } else if (!config.isEnabled(OPTION)) {
      type = DomainType.DMA;
      because = OPTION + " not set";
    } else if (memoryEncryption) {
      type = DomainType.DMA;
      because = OPTION + "=y, but memory encryption is active";
      log.add("iommu: Memory encryption detected - Disabling default IOMMU Passthrough");
    } else {
      type = DomainType.IDENTITY;
      because = OPTION + "=y";
    }
    String suffix = said.isPresent() ? SET : "";
    log.add(rules.announce(type, suffix));
    Decision decision = Decision.of(RULE, rules.types().logName(type), SOURCE, because);
    return new DefaultDomain(type, said.isPresent(), log.build(), decision);
  }

  /**
   * Turns the default to passthrough after the fact, whatever the command line says: what a driver
   * does that was off by default and is forced on by the firmware.
   *
   * <p>Source: {@code drivers/iommu/iommu.c:iommu_set_default_passthrough}.
   *
   * @param because why the driver does it
   * @param source the driver's file and function
   * @param rules what the release says of it
   */
  public static DefaultDomain forcePassthrough(
      DefaultDomain before, String because, String source, DefaultDomainRules rules) {
    Decision decision =
        new Decision(
            RULE,
            rules.types().logName(DomainType.IDENTITY),
            ImmutableList.<String>builder()
                .addAll(before.decision().because())
                .add(because)
                .build(),
            source);
    return new DefaultDomain(
        DomainType.IDENTITY, before.setOnCommandLine(), before.log(), decision);
  }
}
