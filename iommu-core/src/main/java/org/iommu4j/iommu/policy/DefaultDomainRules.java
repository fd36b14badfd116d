package org.iommu4j.iommu.policy;

import com.google.errorprone.annotations.Immutable;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.DomainTypes;

/**
 * What releases say of the type of domain that devices get by default.
 *
 * @param types the types that there are
 * @param announcement the log's line, with a place for the type's word and one for what follows it
 */
@Immutable
public record DefaultDomainRules(DomainTypes types, String announcement) {
  String announce(DomainType type, String suffix) {
    return String.format(announcement, types.logName(type), suffix);
  }
}
