package org.iommu4j.machine;

import com.google.errorprone.annotations.Immutable;
import java.util.Map;

/**
 * What the processors can do and have switched on, as far as DMA and interrupts rest on it.
 *
 * <p>Told by the lines {@code memory_encryption=} and {@code x2apic=} of {@code
 * machine.properties}, each {@code yes} or {@code no}. Where nobody says, it is {@link #ASSUMED}. A
 * real kernel tells the one in its log ({@code Memory Encryption Features active}), the other in
 * the flags of {@code /proc/cpuinfo}.
 *
 * @param memoryEncryption whether the kernel encrypts its memory (AMD's SME or SEV)
 * @param x2apic whether the processors have x2APIC and may use it
 */
@Immutable
public record ProcessorFacts(boolean memoryEncryption, boolean x2apic) {
  /** What is assumed: memory is not encrypted, and there is x2APIC. */
  public static final ProcessorFacts ASSUMED = new ProcessorFacts(false, true);

  static final String MEMORY_ENCRYPTION = "memory_encryption";
  static final String X2APIC = "x2apic";
  static final String YES = "yes";
  static final String NO = "no";

  static ProcessorFacts of(Map<String, String> properties) {
    return new ProcessorFacts(
        isYes(properties, MEMORY_ENCRYPTION, ASSUMED.memoryEncryption),
        isYes(properties, X2APIC, ASSUMED.x2apic));
  }

  private static boolean isYes(Map<String, String> properties, String key, boolean assumed) {
    return properties.getOrDefault(key, assumed ? YES : NO).equals(YES);
  }
}
