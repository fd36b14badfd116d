package org.iommu4j.evidence.fault;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.errorprone.annotations.Immutable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.spi.FaultDecoder;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.machine.input.KernelLog;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * All that a log says of refused requests, repeats together.
 *
 * @param lines how many lines the log has
 * @param groups the refusals and troubles, in the order in which the first of each came
 * @param related the lines that go with them, each with its count
 * @param suppressed how many messages the kernel did not print, by its own count
 */
@Immutable
public record FaultLog(
    int lines, ImmutableList<Group> groups, ImmutableList<Related> related, long suppressed) {
  private static final int LINE_LIMIT = 1024;
  private static final Pattern SUPPRESSED =
      Pattern.compile("\\b(\\w{0,40}(?:fault|iommu)\\w{0,40}): (\\d{1,9}) callbacks suppressed");

  /**
   * Lines that say the same of one requester.
   *
   * @param message the first of them
   * @param line that line as printed
   * @param count how many there are
   * @param firstTime when the first came, or null if the log has no times
   * @param lastTime when the last came, or null
   * @param addresses how many different addresses they have
   * @param lowest the lowest of them, or null
   * @param highest the highest of them, or null
   */
  @Immutable
  public record Group(
      FaultMessage message,
      String line,
      int count,
      @Nullable String firstTime,
      @Nullable String lastTime,
      int addresses,
      @Nullable Long lowest,
      @Nullable Long highest) {}

  /**
   * Lines that go with refusals.
   *
   * @param remark what they say
   * @param count how many there are
   */
  @Immutable
  public record Related(String remark, int count) {}

  /** Reads a log with the decoders of the vendors that are there. */
  public static FaultLog read(String text) {
    return new Reading(Lists.transform(LinuxSystem.vendors(), IommuVendor::faultDecoder))
        .read(text);
  }

  /** Lines with the same key say the same. */
  private record Key(
      String vendor,
      FaultMessage.Kind kind,
      @Nullable PciAddress requester,
      FaultMessage.Access access,
      @Nullable Integer pasid,
      String reason) {
    static Key of(FaultMessage message) {
      FaultMessage.Reason reason = message.reason();
      return new Key(
          message.vendor(),
          message.kind(),
          message.requester(),
          message.access(),
          message.pasid(),
          reason == null ? String.join(" ", message.remarks()) : reason.printed());
    }
  }

  private static final class Repeats {
    private final FaultMessage message;
    private final String line;
    private final @Nullable String firstTime;
    private final TreeSet<Long> addresses = new TreeSet<>(Long::compareUnsigned);
    private @Nullable String lastTime;
    private int count;

    Repeats(FaultMessage message, KernelLog.Entry entry) {
      this.message = message;
      this.line = entry.message();
      this.firstTime = entry.time();
    }

    void add(FaultMessage other, KernelLog.Entry entry) {
      count++;
      lastTime = entry.time();
      Long address = other.address();
      if (address != null) {
        addresses.add(address);
      }
    }

    Group group() {
      return new Group(
          message,
          line,
          count,
          firstTime,
          lastTime,
          addresses.size(),
          addresses.isEmpty() ? null : addresses.first(),
          addresses.isEmpty() ? null : addresses.last());
    }
  }

  private static final class Reading {
    private final ImmutableList<FaultDecoder> decoders;
    private final Map<Key, Repeats> repeats = new LinkedHashMap<>();
    private final Map<String, Integer> related = new LinkedHashMap<>();
    private long suppressed;
    private int lines;

    Reading(List<FaultDecoder> decoders) {
      this.decoders = ImmutableList.copyOf(decoders);
    }

    FaultLog read(String text) {
      KernelLog.entries(text).forEach(this::take);
      return new FaultLog(
          lines,
          repeats.values().stream().map(Repeats::group).collect(ImmutableList.toImmutableList()),
          related.entrySet().stream()
              .map(entry -> new Related(entry.getKey(), entry.getValue()))
              .collect(ImmutableList.toImmutableList()),
          suppressed);
    }

    private void take(KernelLog.Entry entry) {
      lines++;
      String whole = entry.message();
      String line = whole.length() > LINE_LIMIT ? whole.substring(0, LINE_LIMIT) : whole;
      Matcher limited = SUPPRESSED.matcher(line);
      if (limited.find()) {
        suppressed += Long.parseLong(limited.group(2));
        return;
      }
      for (FaultDecoder decoder : decoders) {
        Optional<FaultMessage> message = decoder.decode(line);
        if (message.isPresent()) {
          take(message.get(), new KernelLog.Entry(entry.time(), line));
          return;
        }
      }
    }

    private void take(FaultMessage message, KernelLog.Entry entry) {
      if (message.kind() == FaultMessage.Kind.RELATED) {
        message.remarks().forEach(remark -> related.merge(remark, 1, Integer::sum));
      } else {
        repeats
            .computeIfAbsent(Key.of(message), key -> new Repeats(message, entry))
            .add(message, entry);
      }
    }
  }
}
