package org.iommu4j.iommu.spi;

import com.google.common.collect.ImmutableMap;
import com.google.errorprone.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a vendor's machine types and reads: the words in which advice is given.
 *
 * @param setup what firmware's setup calls the hardware, or null if it has no such switch
 * @param turnOn the word of the command line that turns the driver on, or null if it needs none
 * @param turnOff parts of parameters' values that keep the driver off, by the parameters' names
 * @param traceSystem the name under which the kernel's traces have the driver's own events, or null
 *     if it has none
 * @param reservedMemory what the vendor's tables call memory that firmware's devices use, with its
 *     article, or null if they cannot tell of any
 * @param unmodelled what the hardware is, with its article, if its driver is not modelled; else
 *     null
 */
@Immutable
public record VendorWords(
    @Nullable String setup,
    @Nullable String turnOn,
    ImmutableMap<String, String> turnOff,
    @Nullable String traceSystem,
    @Nullable String reservedMemory,
    @Nullable String unmodelled) {
  /** The words of a vendor that has none. */
  public static final VendorWords NONE =
      new VendorWords(null, null, ImmutableMap.of(), null, null, null);
}
