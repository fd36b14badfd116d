package org.iommu4j.vtd.dmar;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.iommu4j.vtd.dmar.DmarStructure.Andd;
import org.iommu4j.vtd.dmar.DmarStructure.Atsr;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.DmarStructure.Rhsa;
import org.iommu4j.vtd.dmar.DmarStructure.Rmrr;
import org.iommu4j.vtd.dmar.DmarStructure.Unknown;

/** Generates tables: well-formed ones, damaged ones and any bytes at all. */
public final class DmarArbitraries {
  private DmarArbitraries() {}

  /** Returns well-formed scopes with any values in their fields. */
  public static Arbitrary<DeviceScope> scopes() {
    Arbitrary<Integer> octet = Arbitraries.integers().between(0, 255);
    Arbitrary<Integer> type =
        Arbitraries.frequencyOf(
            Tuple.of(9, Arbitraries.integers().between(1, 5)), Tuple.of(1, octet));
    Arbitrary<DeviceScope.Hop> hop = Combinators.combine(octet, octet).as(DeviceScope.Hop::new);
    return Combinators.combine(type, octet, octet, octet, octet, hop.list().ofMaxSize(4))
        .as(
            (kind, flags, reserved, id, bus, path) ->
                new DeviceScope(kind, flags, reserved, id, bus, ImmutableList.copyOf(path)));
  }

  private static Arbitrary<ImmutableList<DeviceScope>> scopeLists() {
    return scopes().list().ofMaxSize(5).map(ImmutableList::copyOf);
  }

  /** Returns well-formed structures with any values in their fields. */
  public static Arbitrary<DmarStructure> structures() {
    Arbitrary<Integer> octet = Arbitraries.integers().between(0, 255);
    Arbitrary<Integer> word = Arbitraries.integers().between(0, 0xffff);
    Arbitrary<Long> address =
        Arbitraries.oneOf(
            Arbitraries.longs(), Arbitraries.of(0L, 0xfed90000L, 0xfed91000L, -1L, -4096L));
    Arbitrary<Octets> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(40).map(Octets::of);
    return Arbitraries.oneOf(
        Combinators.combine(octet, octet, word, address, scopeLists()).as(Drhd::new),
        Combinators.combine(word, word, address, address, scopeLists()).as(Rmrr::new),
        Combinators.combine(octet, octet, word, scopeLists()).as(Atsr::new),
        Combinators.combine(Arbitraries.integers(), address, Arbitraries.integers()).as(Rhsa::new),
        Combinators.combine(Arbitraries.integers().between(0, 0xffffff), octet, bytes)
            .as(Andd::new),
        Combinators.combine(Arbitraries.integers().between(7, 0xffff), bytes)
            .as((type, body) -> new Unknown(type, body, "unknown")));
  }

  /** Returns well-formed tables. */
  public static Arbitrary<byte[]> tables() {
    Arbitrary<Integer> octet = Arbitraries.integers().between(0, 255);
    return Combinators.combine(
            structures().list().ofMaxSize(8), Arbitraries.integers().between(1, 256), octet, octet)
        .as(
            (structures, width, flags, revision) ->
                new DmarBuilder()
                    .hostAddressWidth(width)
                    .flags(flags)
                    .revision(revision)
                    .add(structures.toArray(new DmarStructure[0]))
                    .build());
  }

  /** Returns tables with a few bytes changed and cut anywhere after the ACPI header. */
  public static Arbitrary<byte[]> damagedTables() {
    Arbitrary<List<Integer>> places = Arbitraries.integers().between(4, 600).list().ofMaxSize(6);
    Arbitrary<List<Integer>> values =
        Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.integers().between(1, 8)),
                Tuple.of(1, Arbitraries.integers().between(0, 255)))
            .list()
            .ofSize(6);
    return Combinators.combine(tables(), places, values, Arbitraries.integers().between(0, 40))
        .as(DmarArbitraries::damage);
  }

  private static byte[] damage(byte[] table, List<Integer> places, List<Integer> values, int cut) {
    byte[] damaged = Arrays.copyOf(table, Math.max(36, table.length - cut));
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i) < damaged.length) {
        damaged[places.get(i)] = values.get(i).byteValue();
      }
    }
    return damaged;
  }

  /** Returns any bytes after the signature. */
  public static Arbitrary<byte[]> noise() {
    return Arbitraries.bytes()
        .array(byte[].class)
        .ofMinSize(32)
        .ofMaxSize(400)
        .map(
            bytes -> {
              byte[] table = new byte[bytes.length + 4];
              System.arraycopy("DMAR".getBytes(StandardCharsets.US_ASCII), 0, table, 0, 4);
              System.arraycopy(bytes, 0, table, 4, bytes.length);
              return table;
            });
  }
}
