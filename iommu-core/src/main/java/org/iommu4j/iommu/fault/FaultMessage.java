package org.iommu4j.iommu.fault;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * One line about a refused request, or one that goes with such lines.
 *
 * @param vendor whose driver printed it
 * @param kind what it is about
 * @param request what the line says of the request
 * @param reason why it was refused, or null
 * @param condition the kind of reason
 * @param remarks how the line was read and what else it says, a sentence each
 */
@Immutable
public record FaultMessage(
    String vendor,
    Kind kind,
    Request request,
    @Nullable Reason reason,
    FaultCondition condition,
    ImmutableList<String> remarks) {

  /** What a line is about. */
  public enum Kind {
    /** A request of a device was refused. */
    DMA,
    /** An interrupt of a device was refused. */
    INTERRUPT,
    /** The IOMMU itself has trouble. */
    UNIT,
    /** The line only goes with others: a status, a dump, a count. */
    RELATED
  }

  /** What a request was. */
  public enum Access {
    /** A read of memory. */
    READ,
    /** A write to memory. */
    WRITE,
    /** The line does not say, or it was no access to memory. */
    UNKNOWN
  }

  /**
   * What a line says of the request that it is about.
   *
   * @param requester the requester's id as an address, or null if the line names none
   * @param access what the request was
   * @param pasid the request's PASID, or null if it had none
   * @param address the I/O address, or null if the line has none
   * @param interruptIndex the entry of the interrupt-remapping table, or null
   */
  @Immutable
  public record Request(
      @Nullable PciAddress requester,
      Access access,
      @Nullable Integer pasid,
      @Nullable Long address,
      @Nullable Long interruptIndex) {
    /** Nothing is said of a request. */
    public static final Request UNKNOWN = by(null);

    /** Returns the request of a device, of which nothing else is said. */
    public static Request by(@Nullable PciAddress requester) {
      return new Request(requester, Access.UNKNOWN, null, null, null);
    }

    /** Returns this request, with what it was. */
    public Request withAccess(Access known) {
      return new Request(requester, known, pasid, address, interruptIndex);
    }

    /** Returns this request, with its PASID if it had one. */
    public Request withPasid(@Nullable Integer known) {
      return new Request(requester, access, known, address, interruptIndex);
    }

    /** Returns this request, with its I/O address if the line has it. */
    public Request withAddress(@Nullable Long known) {
      return new Request(requester, access, pasid, known, interruptIndex);
    }

    /** Returns this request, with the entry of the interrupt-remapping table that it named. */
    public Request withInterruptIndex(long known) {
      return new Request(requester, access, pasid, address, known);
    }
  }

  /**
   * Why a request was refused.
   *
   * @param printed the reason as the line has it, {@code 0x06} or {@code IO_PAGE_FAULT}
   * @param code the hardware's number for it, or null if the line has a name only
   * @param meaning what it means, for people
   */
  @Immutable
  public record Reason(String printed, @Nullable Integer code, String meaning) {}

  /** Returns a line that only goes with others. */
  public static FaultMessage related(String vendor, String... remarks) {
    return ofUnit(vendor, Kind.RELATED, null, remarks);
  }

  /** Returns a line about the IOMMU itself or, with that kind, one that only goes with others. */
  public static FaultMessage ofUnit(
      String vendor, Kind kind, @Nullable Reason reason, String... remarks) {
    return new FaultMessage(
        vendor, kind, Request.UNKNOWN, reason, FaultCondition.OTHER, ImmutableList.copyOf(remarks));
  }

  /** Returns the requester's id as an address, or null if the line names none. */
  public @Nullable PciAddress requester() {
    return request.requester();
  }

  /** Returns what the request was. */
  public Access access() {
    return request.access();
  }

  /** Returns the request's PASID, or null if it had none. */
  public @Nullable Integer pasid() {
    return request.pasid();
  }

  /** Returns the I/O address, or null if the line has none. */
  public @Nullable Long address() {
    return request.address();
  }

  /** Returns the entry of the interrupt-remapping table, or null. */
  public @Nullable Long interruptIndex() {
    return request.interruptIndex();
  }

  /** Returns whether a request of a device was refused. */
  public boolean isRefusal() {
    return kind == Kind.DMA || kind == Kind.INTERRUPT;
  }
}
