package org.iommu4j.iommu.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectionSelectorsTest {
  private static PciDevice endpoint() {
    return new TopologyBuilder()
        .add("00:04.0", ConfigSpaces.plain().bridge(1, 2).pcie(PcieType.ROOT_PORT))
        .add("01:00.0", ConfigSpaces.plain().bridge(2, 2).pcie(PcieType.UPSTREAM_PORT))
        .add("02:01.0", ConfigSpaces.of(0x104c, 0x8233).subsystem(0x1028, 0x04aa))
        .build()
        .devices()
        .get(2);
  }

  @ParameterizedTest
  @CsvSource({
    "02:01.0, true",
    "0:2:1.0, true",
    "0000:02:01.0, true",
    "0x0:0x2:0x1.0x0, true",
    "' 02: 01. 0', true",
    "02:21.8, true",
    "1:02:01.0, false",
    "02:01.1, false",
    "00:04.0/00.0/01.0, true",
    "00:04.0/01.0, false",
    "00:04.0/01.0/01.0, false",
    "pci:104c:8233, true",
    "pci:0:0, true",
    "pci:104c:0, true",
    "pci:104c:8234, false",
    "pci:104c:8233:1028:4aa, true",
    "pci:104c:8233:1028:0, true",
    "pci:104c:8233:1028:4ab, false",
    "pci:104c:8233:1, true",
    "pci:9104c:8233, true",
    "pci:104c, false",
    "'', false",
    ";02:01.0, false",
    "03:00.0;02:01.0, true",
    "'03:00.0;pci:1:1,02:01.0', true",
    "'03:00.0,02:01.0', false",
    "pci:1:1x;02:01.0, false",
    "02:01.0x, true",
    "02:01.0y, false",
    "03:0x;02:01.0, false",
    "02:01.0;garbage, true",
    "garbage/02.0;02:01.0, true",
    "garbage/01.0;02:01.0, false",
    "00:04.0/zz/01.0;02:01.0, false",
    "00:04.0/zz/02.0;02:01.0, true",
    "pci:zz;02:01.0, false",
    "00:04.0/00.0/00.0/00.0/01.0;02:01.0, true",
  })
  void aParameterNamesFunctionsAsTheKernelReadsIt(String text, boolean named) {
    assertEquals(named, RedirectionSelectors.parse(text).matches(endpoint()));
  }

  @Property
  void whatIsPrintedIsReadBackAsItWas(
      @ForAll("selectors") List<RedirectionSelectors.Selector> selectors) {
    RedirectionSelectors all = new RedirectionSelectors(ImmutableList.copyOf(selectors));
    assertEquals(all, RedirectionSelectors.parse(all.toString()));
  }

  @Property
  void anyTextIsReadWithoutComplaint(@ForAll String text) {
    RedirectionSelectors.parse(text).matches(endpoint());
  }

  @Property
  void aFunctionsOwnPathNamesItWhateverComesAfter(@ForAll("tails") String tail) {
    assertEquals(true, RedirectionSelectors.parse("02:01.0;" + tail).matches(endpoint()));
  }

  @Provide
  Arbitrary<String> tails() {
    return Arbitraries.strings().withChars("0123456789abcdef:./;, pci").ofMaxLength(20);
  }

  @Provide
  Arbitrary<List<RedirectionSelectors.Selector>> selectors() {
    Arbitrary<Integer> id = Arbitraries.integers().between(0, 0xffff);
    Arbitrary<RedirectionSelectors.Selector> ids =
        Combinators.combine(id, id, id, id).as(RedirectionSelectors.Ids::new);
    Arbitrary<RedirectionSelectors.Place> hop =
        Arbitraries.integers()
            .between(0, 0xff)
            .map(devfn -> new RedirectionSelectors.Place(true, 0, 0, devfn));
    Arbitrary<RedirectionSelectors.Place> root =
        Combinators.combine(id, Arbitraries.integers().between(0, 0xff), hop)
            .as((domain, bus, at) -> new RedirectionSelectors.Place(true, domain, bus, at.devfn()));
    Arbitrary<RedirectionSelectors.Selector> path =
        Combinators.combine(root, hop.list().ofMaxSize(4))
            .as((at, hops) -> new RedirectionSelectors.Path(at, ImmutableList.copyOf(hops)));
    return Arbitraries.oneOf(ids, path).list().ofMinSize(1).ofMaxSize(5);
  }
}
