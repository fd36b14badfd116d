package org.iommu4j.base.trace;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jdk.jfr.Label;
import jdk.jfr.MetadataDefinition;

/** The function of the kernel whose calls a {@link KernelCall} reports. */
@MetadataDefinition
@Label("Kernel source")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface KernelSource {
  /** Returns file and function, such as {@code drivers/iommu/iova.c:alloc_iova_fast}. */
  String value();

  /**
   * Returns what it is in later releases, from the oldest on, each after the first release that has
   * it: {@code 6.1 drivers/iommu/dma-iommu.c:queue_iova}. A name in braces stands for the end of
   * that argument's word, in small letters.
   */
  String[] later() default {};
}
