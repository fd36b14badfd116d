package org.iommu4j.iommu.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.iommu4j.base.Release;
import org.iommu4j.iommu.release.Linux510;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainTypesTest {
  private static final DomainTypes OLD = Linux510.RULES.domainTypes();
  private static final DomainTypes LATER = DomainTypes.of(Release.of(6, 1, 0));

  @Test
  void aTypeIsKnownByItsNumberAndItsWords() {
    assertEquals(3, OLD.number(DomainType.DMA));
    assertEquals("DMA", OLD.sysfsName(DomainType.DMA));
    assertEquals("Translated", OLD.logName(DomainType.DMA));
    assertEquals(4, OLD.number(DomainType.IDENTITY));
    assertEquals("identity", OLD.sysfsName(DomainType.IDENTITY));
    assertEquals("Passthrough", OLD.logName(DomainType.IDENTITY));
    assertEquals(-1, OLD.number(null));
  }

  @Test
  void aReleaseWithoutFlushQueueDomainsTakesOneForADomainOfTheDmaApi() {
    assertFalse(OLD.has(DomainType.DMA_FQ));
    assertEquals(DomainType.DMA, OLD.known(DomainType.DMA_FQ));
    assertThrows(IllegalArgumentException.class, () -> OLD.sysfsName(DomainType.DMA_FQ));
    assertEquals(DomainType.DMA_FQ, LATER.known(DomainType.DMA_FQ));
    assertEquals("DMA-FQ", LATER.sysfsName(DomainType.DMA_FQ));
    assertEquals(11, LATER.number(DomainType.DMA_FQ));
  }

  @ParameterizedTest
  @EnumSource(DomainType.class)
  void aNumberIsReadBackAsItsType(DomainType type) {
    assertEquals(Optional.of(type), DomainTypes.ofNumber(LATER.number(type)));
    assertEquals(Optional.empty(), DomainTypes.ofNumber(-1));
  }
}
