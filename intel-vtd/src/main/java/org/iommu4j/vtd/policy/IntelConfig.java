package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.KernelConfig;

/**
 * What the kernel's configuration says of the driver.
 *
 * <p>Upstream has one option: on by default, or not. Debian has three, of which just one is set, so
 * a configuration without any is upstream's "off".
 *
 * <p>Source: {@code drivers/iommu/intel/Kconfig}.
 *
 * @param driver whether the driver is built
 * @param on whether remapping is on without a word on the command line
 * @param mapIntegratedGpu whether the integrated GPU is remapped without a word
 * @param knowsIntegratedGpu whether the kernel has a word for the integrated GPU
 * @param scalableMode whether scalable mode is wanted without a word
 */
@Immutable
record IntelConfig(
    boolean driver,
    boolean on,
    boolean mapIntegratedGpu,
    boolean knowsIntegratedGpu,
    boolean scalableMode) {
  private static final String DRIVER = "CONFIG_INTEL_IOMMU";
  private static final String ON = "CONFIG_INTEL_IOMMU_DEFAULT_ON";
  private static final String ON_NO_GPU = "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF";
  private static final String OFF = "CONFIG_INTEL_IOMMU_DEFAULT_OFF";
  private static final String SCALABLE = "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON";

  static IntelConfig of(KernelConfig config) {
    boolean on = config.isEnabled(ON);
    boolean debian = config.isEnabled(ON_NO_GPU) || config.isEnabled(OFF);
    return new IntelConfig(
        config.isEnabled(DRIVER) || on || debian,
        on || config.isEnabled(ON_NO_GPU),
        on || !debian,
        on || debian,
        config.isEnabled(SCALABLE));
  }
}
